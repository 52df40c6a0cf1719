package io.dmio.bench;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import reactor.core.publisher.Flux;

/**
 * Looks for cliffs: writes of 512 bytes to 64 MiB, and depths of 1 to 1,024, through one client of 16 MiB. Prints a Markdown
 * table with the memory that the process holds and the most pages that were in use, which the budget bounds whatever is asked.
 * The same 64 MiB of memory are written by every request, so what the table shows is what the library takes.
 *
 * <p>Arguments: a directory, seconds a row.
 */
public final class Cliffs {

    private static final int BUDGET_PAGES = 4096;
    private static final int BYTES_MAX = 64 << 20;
    private static final long FILE_BYTES = 512L << 20;

    private final PrintStream out =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    private final VmBuffer memory = VmBuffer.allocate(BYTES_MAX);
    private final SplittableRandom places = new SplittableRandom(3);
    private final DmIo client = DmIo.create().get(BUDGET_PAGES);
    private final BlockDevice device;
    private final double seconds;

    private Cliffs(BlockDevice device, double seconds) {
        this.device = device;
        this.seconds = seconds;
        byte[] noise = new byte[1 << 20];
        new java.util.Random(1).nextBytes(noise);
        for (int at = 0; at < BYTES_MAX; at += noise.length) {
            memory.buffer().setBytes(at, noise);
        }
    }

    public static void main(String[] args) throws IOException {
        Path file = Path.of(args[0], "dmio-cliffs");
        OpenOptions created = OpenOptions.readWrite().withDirect(true).withCreate(FILE_BYTES);
        BlockDevice device =
                IoEngines.best().open(file, created).blockOptional().orElseThrow();
        try {
            new Cliffs(device, Double.parseDouble(args[1])).run();
        } finally {
            device.close().block();
            Files.delete(file);
        }
    }

    private void run() throws IOException {
        row(1 << 20, 8); // every block of the file exists from here on, and the code is compiled
        out.println("| request | depth | requests/s | MiB/s | most pages in use, of 4,096 | resident MiB |");
        out.println("|---|---|---|---|---|---|");
        for (int bytes = device.info().logicalBlockBytes(); bytes <= BYTES_MAX; bytes *= 2) {
            out.println(row(bytes, 32));
        }
        for (int depth = 1; depth <= 1024; depth *= 4) {
            out.println(row(4096, depth));
        }
        memory.release();
    }

    private String row(int bytes, int depth) throws IOException {
        long blocks = FILE_BYTES / bytes;
        int[] pagesMax = {0};
        long began = System.nanoTime();
        long until = began + (long) (seconds * 1e9);
        long requests = Flux.<Long>generate(sink -> {
                    if (System.nanoTime() < until) {
                        sink.next(places.nextLong(blocks) * (bytes / 512));
                    } else {
                        sink.complete();
                    }
                })
                .flatMap(
                        sector -> {
                            pagesMax[0] = Math.max(pagesMax[0], client.budget().inUse());
                            return client.write(List.of(new IoRegion(device, sector, bytes / 512)), memory);
                        },
                        depth)
                .as(MirrorBench::countedWhenAllIsWritten);
        double perSecond = requests / ((System.nanoTime() - began) / 1e9);
        return String.format(
                Locale.ROOT,
                "| %s | %,d | %,.0f | %,.0f | %,d | %d |",
                bytes < 1024 ? bytes + " B" : bytes < 1 << 20 ? (bytes >> 10) + " KiB" : (bytes >> 20) + " MiB",
                depth,
                perSecond,
                perSecond * bytes / (1 << 20),
                pagesMax[0],
                residentMib());
    }

    private static long residentMib() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElse(0);
    }
}
