package io.dmio.bench;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DmIo;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import java.util.function.LongUnaryOperator;
import java.util.function.ToDoubleFunction;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What a mirror of two legs costs beside a plain fan-out to the same files, in turn, each round in another order; how fast
 * a resync is beside the disk, and what it does to who writes meanwhile; what a second leg brings to readers. Prints
 * Markdown tables of medians, with least and most.
 *
 * <p>Arguments: a directory, seconds a run, rounds.
 */
public final class Mirrors {

    private static final int DEPTH = 32;
    private static final int KIB_4 = 4096;
    private static final int MIB = 1 << 20;
    private static final long DATA_BYTES = 512L << 20;
    private static final Duration LATENCY = Duration.ofMillis(2);

    private final PrintStream out =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    private final SplittableRandom places = new SplittableRandom(3);
    private final DmIo client = DmIo.create().get(16384);
    private final VmBuffer memory = VmBuffer.allocate(MIB);
    private final List<Path> files = new ArrayList<>();
    private final Path directory;
    private final double seconds;
    private final int rounds;

    private Mirrors(Path directory, double seconds, int rounds) {
        this.directory = directory;
        this.seconds = seconds;
        this.rounds = rounds;
        byte[] noise = new byte[MIB];
        new Random(1).nextBytes(noise);
        memory.buffer().setBytes(0, noise);
    }

    public static void main(String[] args) throws IOException {
        Mirrors run = new Mirrors(Path.of(args[0]), Double.parseDouble(args[1]), Integer.parseInt(args[2]));
        try {
            run.all();
        } finally {
            for (Path file : run.files) {
                Files.deleteIfExists(file);
            }
        }
        System.exit(0);
    }

    private void all() {
        List<BlockDevice> plain = List.of(file("plain-0"), file("plain-1"));
        MirrorDevice mirror = mirror(List.of(file("leg-0"), file("leg-1")), MirrorOptions.builder());
        for (BlockDevice device : List.of(plain.get(0), plain.get(1), mirror)) {
            write(List.of(device), MIB, 8, everything()); // every block exists from here on
        }
        writes(plain, mirror);
        mirror.close().block();
        plain.forEach(device -> device.close().block());
        resync();
        reads();
    }

    private void writes(List<BlockDevice> plain, MirrorDevice mirror) {
        out.println("| writes to two legs | fan-out | mirror | ratio |");
        out.println("|---|---|---|---|");
        List<BlockDevice> one = List.of(mirror);
        LongUnaryOperator random = at -> places.nextLong(DATA_BYTES / KIB_4) * (KIB_4 / 512);
        compare("4 KiB random, depth 32, requests/s", fan -> rate(fan ? plain : one, KIB_4, DEPTH, random));
        LongUnaryOperator ascending = at -> at % (DATA_BYTES / MIB) * (MIB / 512);
        compare("1 MiB ascending, depth 8, MiB/s", fan -> rate(fan ? plain : one, MIB, 8, ascending));
        out.println();
    }

    private void compare(String what, ToDoubleFunction<Boolean> run) {
        double[] fan = new double[rounds];
        double[] mirrored = new double[rounds];
        double[] ratios = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            boolean first = round % 2 == 0;
            double one = run.applyAsDouble(first);
            double two = run.applyAsDouble(!first);
            fan[round] = first ? one : two;
            mirrored[round] = first ? two : one;
            ratios[round] = mirrored[round] / fan[round];
        }
        out.println("| " + what + " | " + Medians.words(fan, "%,.0f") + " | " + Medians.words(mirrored, "%,.0f") + " | "
                + Medians.words(ratios, "%.2f") + " |");
    }

    /** How fast a leg that has lost everything gets it back, and what whoever writes meanwhile waits. */
    private void resync() {
        double[] disk = new double[rounds];
        double[] copied = new double[rounds];
        double[] alone = new double[rounds];
        double[] beside = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            BlockDevice a = file("sync-a-" + round);
            BlockDevice b = file("sync-b-" + round);
            for (BlockDevice device : List.of(a, b)) {
                write(List.of(device), MIB, 8, everything());
            }
            long began = System.nanoTime();
            write(List.of(b), MIB, 8, everything());
            b.submit(new BlockOp.Flush()).block();
            disk[round] = DATA_BYTES / MIB / ((System.nanoTime() - began) / 1e9);
            a.close().block();
            b.close().block();
            List<BlockDevice> legs = List.of(reopen("sync-a-" + round), reopen("sync-b-" + round));
            MirrorDevice mirror = MirrorDevice.create(
                            legs, MirrorOptions.builder().overwrite(true).build())
                    .blockOptional()
                    .orElseThrow();
            began = System.nanoTime();
            mirror.resync().block();
            copied[round] = DATA_BYTES / MIB / ((System.nanoTime() - began) / 1e9);
            alone[round] = p99(mirror);
            mirror.close().block();
            MirrorDevice again = MirrorDevice.create(
                            List.of(reopen("sync-a-" + round), reopen("sync-b-" + round)),
                            MirrorOptions.builder().overwrite(true).build())
                    .blockOptional()
                    .orElseThrow();
            beside[round] = p99(again);
            again.close().block();
        }
        out.println("| | | |");
        out.println("|---|---|---|");
        out.println("| writes to the slower leg alone, MiB/s | " + Medians.words(disk, "%,.0f") + " | |");
        out.println("| resync of idle legs, MiB/s | " + Medians.words(copied, "%,.0f") + " | "
                + Medians.ratio(copied, disk) + " |");
        out.println("| 4 KiB random writes, depth 4, p99 in µs | " + Medians.words(alone, "%,.0f") + " | |");
        out.println("| the same beside a resync | " + Medians.words(beside, "%,.0f") + " | "
                + Medians.ratio(beside, alone) + " |");
        out.println();
    }

    /** Reads of a device that answers late, from one leg and from two. */
    private void reads() {
        double[] ratios = new double[rounds];
        double[] one = new double[rounds];
        double[] two = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            one[round] = reads(1, "late-" + round);
            two[round] = reads(2, "later-" + round);
            ratios[round] = two[round] / one[round];
        }
        out.println("| 4 KiB random reads, depth 32, of legs that do 8 at a time in 2 ms | requests/s | ratio |");
        out.println("|---|---|---|");
        out.println("| one leg | " + Medians.words(one, "%,.0f") + " | |");
        out.println("| two legs | " + Medians.words(two, "%,.0f") + " | " + Medians.words(ratios, "%.2f") + " |");
    }

    private double reads(int count, String name) {
        List<BlockDevice> legs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            legs.add(new EightAtATime(FaultyDevice.of(
                    file(name + "-" + i), FaultPlan.of(Fault.delayed(LATENCY).on(BlockOp.Kind.READ)))));
        }
        MirrorDevice mirror = mirror(legs, MirrorOptions.builder());
        VmBuffer[] into = new VmBuffer[DEPTH];
        Arrays.setAll(into, i -> VmBuffer.allocate(KIB_4));
        long began = System.nanoTime();
        long until = began + (long) (seconds * 1e9);
        long done = Flux.range(0, DEPTH)
                .flatMap(
                        i -> Mono.defer(() -> client.read(
                                        new IoRegion(mirror, places.nextLong(DATA_BYTES / KIB_4) * 8, 8), into[i]))
                                .repeat(() -> System.nanoTime() < until),
                        DEPTH)
                .count()
                .blockOptional()
                .orElseThrow();
        double rate = done / ((System.nanoTime() - began) / 1e9);
        mirror.close().block();
        Arrays.stream(into).forEach(VmBuffer::release);
        return rate;
    }

    private double p99(MirrorDevice mirror) {
        List<Long> nanos = new ArrayList<>();
        long until = System.nanoTime() + (long) (seconds * 1e9);
        Flux.range(0, 4)
                .flatMap(
                        i -> Mono.defer(() -> {
                                    long began = System.nanoTime();
                                    long sector = places.nextLong(DATA_BYTES / KIB_4) * 8;
                                    return client.write(List.of(new IoRegion(mirror, sector, 8)), memory)
                                            .doOnNext(bits -> {
                                                synchronized (nanos) {
                                                    nanos.add(System.nanoTime() - began);
                                                }
                                            });
                                })
                                .repeat(() -> System.nanoTime() < until),
                        4)
                .blockLast();
        nanos.sort(null);
        return TimeUnit.NANOSECONDS.toMicros(nanos.get(nanos.size() * 99 / 100));
    }

    /** After as long again, so that it is the steady state that is measured: chunks that are written are marked. */
    private double rate(List<BlockDevice> to, int bytes, int depth, LongUnaryOperator sectors) {
        long warm = System.nanoTime() + (long) (seconds * 1e9);
        write(to, bytes, depth, new Work(sectors, at -> System.nanoTime() < warm));
        long until = System.nanoTime() + (long) (seconds * 1e9);
        return write(to, bytes, depth, new Work(sectors, at -> System.nanoTime() < until));
    }

    /** Where writes go, and whether there is one more. */
    private record Work(LongUnaryOperator sectors, LongPredicate more) {}

    /** Every byte once. */
    private static Work everything() {
        return new Work(at -> at * (MIB / 512), at -> at < DATA_BYTES / MIB);
    }

    private double write(List<BlockDevice> to, int bytes, int depth, Work work) {
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
                                memory),
                        depth)
                .doOnNext(bits -> {
                    if (!bits.isClear()) {
                        throw new IllegalStateException(bits.toString());
                    }
                })
                .count()
                .blockOptional()
                .orElseThrow();
        return done / ((System.nanoTime() - began) / 1e9);
    }

    private MirrorDevice mirror(List<BlockDevice> legs, MirrorOptions.Builder options) {
        return MirrorDevice.create(legs, options.equalAlready(true).build())
                .blockOptional()
                .orElseThrow();
    }

    private BlockDevice file(String name) {
        Path file = directory.resolve("dmio-mirrors-" + name);
        files.add(file);
        long bytes = MirrorOptions.defaults().legSectors(DATA_BYTES / 512) * 512;
        return IoEngines.best()
                .open(file, OpenOptions.readWrite().withDirect(true).withCreate(bytes))
                .blockOptional()
                .orElseThrow();
    }

    private BlockDevice reopen(String name) {
        return IoEngines.best()
                .open(
                        directory.resolve("dmio-mirrors-" + name),
                        OpenOptions.readWrite().withDirect(true))
                .blockOptional()
                .orElseThrow();
    }
}
