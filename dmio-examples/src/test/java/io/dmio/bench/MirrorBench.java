package io.dmio.bench;

import com.sun.management.OperatingSystemMXBean;
import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.LongPredicate;
import java.util.function.LongUnaryOperator;
import reactor.core.publisher.Flux;

/** What the mirror's benchmarks share: files, memory, a client, and writing as fast as it goes. */
final class MirrorBench implements AutoCloseable {

    static final int KIB_4 = 4096;
    static final int MIB = 1 << 20;
    static final int DEPTH = 32;
    static final long DATA_BYTES = 512L << 20;

    private static final int BUFFERS = 64; // more than are in flight: each write has memory of its own

    final PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    final DmIo client = DmIo.create().get(16384);
    final double seconds;
    final int rounds;

    private final SplittableRandom places = new SplittableRandom(3);
    private final VmBuffer[] memory = new VmBuffer[BUFFERS];
    private final List<Path> files = new ArrayList<>();
    private final Path directory;
    private int turn;

    MirrorBench(Path directory, double seconds, int rounds) {
        this.directory = directory;
        this.seconds = seconds;
        this.rounds = rounds;
        byte[] noise = new byte[MIB];
        new Random(1).nextBytes(noise);
        Arrays.setAll(memory, i -> VmBuffer.allocate(MIB));
        Arrays.stream(memory).forEach(one -> one.buffer().setBytes(0, noise));
    }

    /** Where writes go, and whether there is one more. */
    record Workload(LongUnaryOperator sectors, LongPredicate more) {
        /** Every byte once, in MiBs. */
        static Workload everything(long bytes) {
            return new Workload(at -> at * (MIB / 512), at -> at < bytes / MIB);
        }

        Workload until(long nanos) {
            return new Workload(sectors, at -> System.nanoTime() < nanos);
        }
    }

    /** Any block of 4 KiB. */
    long place() {
        return places.nextLong(DATA_BYTES / KIB_4) * (KIB_4 / 512);
    }

    /** The end of a run that begins now. */
    long soon() {
        return System.nanoTime() + (long) (seconds * 1e9);
    }

    VmBuffer memory() {
        return memory[turn++ % BUFFERS];
    }

    /** How many requests a second. */
    double write(List<? extends BlockDevice> to, int bytes, int depth, Workload work) {
        long began = System.nanoTime();
        long done = Flux.<Long, Long>generate(() -> 0L, (at, sink) -> {
                    if (work.more.test(at)) {
                        sink.next(work.sectors.applyAsLong(at));
                    } else {
                        sink.complete();
                    }
                    return at + 1;
                })
                .flatMap(
                        sector -> client.write(
                                to.stream()
                                        .map(device -> new IoRegion(device, sector, bytes / 512))
                                        .toList(),
                                memory()),
                        depth)
                .as(MirrorBench::countedWhenAllIsWritten);
        return done / ((System.nanoTime() - began) / 1e9);
    }

    /** How many there are, of requests of which none may fail; blocks. */
    static long countedWhenAllIsWritten(Flux<ErrorBits> requests) {
        return requests.doOnNext(bits -> {
                    if (!bits.isClear()) {
                        throw new IllegalStateException(bits.toString());
                    }
                })
                .count()
                .blockOptional()
                .orElseThrow();
    }

    /** Writes all of it, durably; MiB/s. */
    double fill(BlockDevice device, long bytes) {
        return rate(bytes, () -> {
            write(List.of(device), MIB, 8, Workload.everything(bytes));
            device.submit(new BlockOp.Flush()).block();
        });
    }

    /** MiB/s of what moves so many bytes. */
    static double rate(long bytes, Runnable move) {
        long began = System.nanoTime();
        move.run();
        return bytes / (double) MIB / ((System.nanoTime() - began) / 1e9);
    }

    MirrorDevice mirror(List<? extends BlockDevice> legs, MirrorOptions options) {
        return MirrorDevice.create(legs, options).blockOptional().orElseThrow();
    }

    /** A file for a leg, gone at the end. */
    BlockDevice file(String name) {
        Path file = place(name);
        files.add(file);
        long bytes = MirrorOptions.defaults().legSectors(DATA_BYTES / 512) * 512;
        return open(file, OpenOptions.readWrite().withCreate(bytes));
    }

    /** The two files that writes are measured on, opened once more. */
    List<BlockDevice> legs() {
        return List.of(again("leg-0"), again("leg-1"));
    }

    List<Path> legFiles() {
        return List.of(place("leg-0"), place("leg-1"));
    }

    /** Of the whole process. */
    static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    /** The same file once more. */
    BlockDevice again(String name) {
        return open(place(name), OpenOptions.readWrite());
    }

    private Path place(String name) {
        return directory.resolve("dmio-mirrors-" + name);
    }

    private static BlockDevice open(Path file, OpenOptions options) {
        return IoEngines.best()
                .open(file, options.withDirect(true).withShared())
                .blockOptional()
                .orElseThrow();
    }

    @Override
    public void close() throws IOException {
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }
}
