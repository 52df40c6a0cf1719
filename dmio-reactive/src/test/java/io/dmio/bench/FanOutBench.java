package io.dmio.bench;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.dmio.engine.IoEngine;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import reactor.core.publisher.Flux;

/**
 * 4 KiB random direct writes at depth 32, on one file and fanned out to three, by both engines and by fio on the same files,
 * in turn. Prints leg writes per second as a Markdown table: median, least and most of the rounds, and the ratio to fio.
 *
 * <p>Arguments: a directory, rounds, seconds a run. fio drives three files from one job at three times the depth, which is
 * as many leg writes in flight.
 */
public final class FanOutBench {

    private static final int DEPTH = 32;
    private static final int BLOCK_BYTES = 4096;
    private static final int FILE_MIB = 512;

    private final Path directory;
    private final int seconds;
    private final List<Path> files;
    private final PrintStream out =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    private FanOutBench(Path directory, int seconds) {
        this.directory = directory;
        this.seconds = seconds;
        this.files = IntStream.range(0, 3)
                .mapToObj(i -> directory.resolve("dmio-bench-" + i))
                .toList();
    }

    /** One measured run: leg writes per second. */
    private interface Run {
        double measure() throws IOException, InterruptedException;
    }

    /** What is compared, and its runs so far. */
    private record Variant(int legs, String by, Run run, List<Double> perSecond) {
        Variant(int legs, String by, Run run) {
            this(legs, by, run, new ArrayList<>());
        }

        double median() {
            return sorted().get(perSecond.size() / 2);
        }

        List<Double> sorted() {
            return perSecond.stream().sorted().toList();
        }
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        int rounds = Integer.parseInt(args[1]);
        new FanOutBench(Path.of(args[0]), Integer.parseInt(args[2])).compare(rounds);
    }

    private void compare(int rounds) throws IOException, InterruptedException {
        List<Variant> variants = new ArrayList<>();
        for (int legs : new int[] {1, 3}) {
            variants.add(new Variant(legs, "fio io_uring", () -> fio(legs)));
            variants.add(new Variant(legs, "dmio uring", () -> dmio(IoEngines.uring(), legs)));
            variants.add(new Variant(legs, "dmio posix", () -> dmio(IoEngines.posix(), legs)));
        }
        try {
            prepare();
            for (int round = 0; round <= rounds; round++) {
                for (int i = 0;
                        i < variants.size();
                        i++) { // each round starts with another: no place in the row is favoured
                    Variant variant = variants.get((i + round) % variants.size());
                    double perSecond = variant.run.measure();
                    if (round > 0) { // the first round warms up and is not counted
                        variant.perSecond.add(perSecond);
                    }
                }
            }
            print(variants);
        } finally {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
    }

    private void print(List<Variant> variants) {
        out.println("| legs | by | leg writes/s | least to most | of fio |");
        out.println("|---|---|---|---|---|");
        double fio = 0;
        for (Variant variant : variants) {
            fio = variant.by.startsWith("fio") ? variant.median() : fio;
            List<Double> runs = variant.sorted();
            double least = runs.get(0);
            double most = runs.get(runs.size() - 1);
            out.printf(
                    "| %d | %s | %,.0f | %,.0f to %,.0f | %.2f |%n",
                    variant.legs, variant.by, variant.median(), least, most, variant.median() / fio);
        }
    }

    /** Writes every file once and to the disk, so that no run pays for allocation or write-back. */
    private void prepare() throws IOException {
        byte[] mib = new byte[1 << 20];
        new java.util.Random(1).nextBytes(mib);
        for (Path file : files) {
            try (FileOutputStream channel = new FileOutputStream(file.toFile())) {
                for (int i = 0; i < FILE_MIB; i++) {
                    channel.write(mib);
                }
                channel.getFD().sync();
            }
        }
    }

    private double dmio(IoEngine engine, int legs) {
        List<BlockDevice> devices = new ArrayList<>();
        for (Path file : files.subList(0, legs)) {
            devices.add(
                    engine.open(file, OpenOptions.readWrite().withDirect(true)).block());
        }
        DmIo io = DmIo.create().get(DEPTH);
        List<VmBuffer> buffers = IntStream.range(0, 2 * DEPTH)
                .mapToObj(i -> VmBuffer.allocate(BLOCK_BYTES))
                .toList();
        SplittableRandom random = new SplittableRandom(7);
        buffers.forEach(buffer -> {
            byte[] noise = new byte[BLOCK_BYTES];
            random.nextBytes(noise);
            buffer.buffer().setBytes(0, noise);
        });
        try {
            return drive(io, devices, buffers) * legs;
        } finally {
            io.close().block();
            devices.forEach(device -> device.close().block());
            buffers.forEach(VmBuffer::release);
        }
    }

    /** Keeps {@link #DEPTH} requests in flight: each completion submits the next from where it comes. */
    private double drive(DmIo io, List<BlockDevice> devices, List<VmBuffer> buffers) {
        long blocks = (long) FILE_MIB << 20 >>> 12;
        LongAdder ended = new LongAdder();
        AtomicBoolean stop = new AtomicBoolean();
        SplittableRandom places = new SplittableRandom(3); // used by one thread at a time: generate is serial
        Flux<Integer> numbers = Flux.generate(() -> 0, (i, sink) -> {
            if (stop.get()) {
                sink.complete();
            } else {
                sink.next(i);
            }
            return i + 1 & 0xFFFFFF;
        });
        var running = numbers.flatMap(
                        i -> {
                            long sector = places.nextLong(blocks) * 8;
                            List<IoRegion> regions = new ArrayList<>(devices.size());
                            for (BlockDevice device : devices) {
                                regions.add(new IoRegion(device, sector, 8));
                            }
                            return io.write(regions, buffers.get(i % buffers.size()))
                                    .doOnNext(bits -> {
                                        if (!bits.isClear()) {
                                            throw new IllegalStateException(bits.toString());
                                        }
                                        ended.increment();
                                    });
                        },
                        DEPTH)
                .then()
                .toFuture();
        pause(1000);
        long before = ended.sum();
        long began = System.nanoTime();
        pause(seconds * 1000L);
        double rate = (ended.sum() - before) / ((System.nanoTime() - began) / 1e9);
        stop.set(true);
        running.join();
        return rate;
    }

    private static void pause(long millis) {
        java.util.concurrent.locks.LockSupport.parkNanos(millis * 1_000_000);
    }

    private double fio(int legs) throws IOException, InterruptedException {
        List<String> names = files.subList(0, legs).stream().map(Path::toString).toList();
        Process fio = new ProcessBuilder(
                        "fio",
                        "--name=bench",
                        "--filename=" + String.join(":", names),
                        "--ioengine=io_uring",
                        "--rw=randwrite",
                        "--bs=4k",
                        "--direct=1",
                        "--iodepth=" + DEPTH * legs,
                        "--norandommap",
                        "--file_service_type=roundrobin:1",
                        "--time_based",
                        "--ramp_time=1",
                        "--runtime=" + seconds,
                        "--output-format=terse",
                        "--terse-version=3")
                .directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String line = new String(fio.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (fio.waitFor() != 0) {
            throw new IOException("fio failed: " + line);
        }
        return Double.parseDouble(line.split(";", -1)[48]); // write IOPS, terse version 3
    }
}
