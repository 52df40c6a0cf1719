package io.dmio.bench;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.dmio.engine.IoEngine;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.dmio.engine.UringOptions;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import reactor.core.publisher.Flux;

/**
 * What more of something costs: legs of a request, files that requests go to, rings that serve them. Random direct writes of 4 KiB, as
 * many requests in flight as make 64 operations on legs, or one where it has more. Prints a Markdown table.
 *
 * <p>Arguments: a directory, seconds a row.
 */
public final class Scale {

    private static final int BLOCK_BYTES = 4096;
    private static final int OPS_IN_FLIGHT = 64;
    private static final long BYTES_OF_ALL = 1L << 30;
    private static final int FILL_BYTES = 1 << 20;

    private final PrintStream out =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    private final SplittableRandom places = new SplittableRandom(3);
    private final DmIo client = DmIo.create().get(OPS_IN_FLIGHT);
    private final VmBuffer memory = VmBuffer.allocate(BLOCK_BYTES);
    private final Path directory;
    private final double seconds;

    private Scale(Path directory, double seconds) {
        this.directory = directory;
        this.seconds = seconds;
    }

    public static void main(String[] args) throws IOException {
        new Scale(Path.of(args[0]), Double.parseDouble(args[1])).run();
        System.exit(0);
    }

    private void run() throws IOException {
        measure(new Row(1, 4, 1)); // the code is compiled
        out.println("| legs of a request | files | rings | operations/s of legs | processor µs each |");
        out.println("|---|---|---|---|---|");
        for (int legs : new int[] {1, 2, 4, 8, 16, 32, 64}) {
            out.println(measure(new Row(legs, 64, 1)));
        }
        for (int files : new int[] {1, 10, 100, 1000}) {
            out.println(measure(new Row(1, files, 1)));
        }
        for (int rings : new int[] {1, 2, 3, 4}) {
            out.println(measure(new Row(1, 16, rings)));
        }
    }

    private record Row(int legs, int files, int rings) {}

    private String measure(Row row) throws IOException {
        IoEngine engine = IoEngines.uring(UringOptions.defaults().withLoops(row.rings));
        List<BlockDevice> devices = new ArrayList<>();
        try {
            for (int i = 0; i < row.files; i++) {
                devices.add(open(engine, directory.resolve("dmio-scale-" + i), BYTES_OF_ALL / row.files));
            }
            write(row, devices);
            long cpu = MirrorBench.cpuNanos();
            long began = System.nanoTime();
            long ops = write(row, devices) * row.legs;
            double took = (System.nanoTime() - began) / 1e9;
            return String.format(
                    Locale.ROOT,
                    "| %d | %,d | %d | %,.0f | %.1f |",
                    row.legs,
                    row.files,
                    row.rings,
                    ops / took,
                    (MirrorBench.cpuNanos() - cpu) / 1e3 / ops);
        } finally {
            devices.forEach(device -> device.close().block());
            engine.close();
            for (int i = 0; i < row.files; i++) {
                Files.deleteIfExists(directory.resolve("dmio-scale-" + i));
            }
        }
    }

    private static BlockDevice open(IoEngine engine, Path file, long bytes) throws IOException {
        fill(file, Math.max(bytes / BLOCK_BYTES, 1) * BLOCK_BYTES);
        return engine.open(file, OpenOptions.readWrite().withDirect(true))
                .blockOptional()
                .orElseThrow();
    }

    // Else the file system would find room for each block when it is written first.
    private static void fill(Path file, long bytes) throws IOException {
        ByteBuffer some = ByteBuffer.allocateDirect(FILL_BYTES);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            for (long at = 0; at < bytes; at += some.limit()) {
                channel.write(some.clear().limit((int) Math.min(FILL_BYTES, bytes - at)));
            }
            channel.force(true);
        }
    }

    /** For so long; tells how many requests ended. */
    private long write(Row row, List<BlockDevice> devices) {
        long until = System.nanoTime() + (long) (seconds * 1e9);
        return Flux.<List<IoRegion>>generate(sink -> {
                    if (System.nanoTime() < until) {
                        sink.next(regions(row, devices));
                    } else {
                        sink.complete();
                    }
                })
                .flatMap(regions -> client.write(regions, memory), Math.max(OPS_IN_FLIGHT / row.legs, 1))
                .as(MirrorBench::countedWhenAllIsWritten);
    }

    private List<IoRegion> regions(Row row, List<BlockDevice> devices) {
        int first = places.nextInt(devices.size());
        List<IoRegion> regions = new ArrayList<>(row.legs);
        for (int leg = 0; leg < row.legs; leg++) {
            BlockDevice device = devices.get((first + leg) % devices.size());
            long blocks = device.info().sectorCount() / (BLOCK_BYTES / 512);
            regions.add(new IoRegion(device, places.nextLong(blocks) * (BLOCK_BYTES / 512), BLOCK_BYTES / 512));
        }
        return regions;
    }
}
