package io.dmio.bench;

import static io.dmio.bench.MirrorBench.DATA_BYTES;

import io.dmio.BlockDevice;
import io.dmio.IoRegion;
import io.dmio.Sectors;
import io.dmio.copy.CopyOptions;
import io.dmio.copy.CopyService;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * How fast a leg gets back what it lacks: of two legs in memory that pass so many bytes a second, beside what the slower one
 * passes; and of two files on one disk, beside a plain copy from one to the other. And what that does to who writes meanwhile.
 */
final class MirrorResyncs {

    private static final MirrorOptions NEW =
            MirrorOptions.builder().overwrite(true).build();
    private static final long SOURCE_RATE = 800L << 20;
    private static final long TARGET_RATE = 400L << 20;

    private final MirrorBench bench;
    private final double[] slower;
    private final double[] bound;
    private final double[] copied;
    private final double[] synced;
    private final double[] alone;
    private final double[] beside;

    MirrorResyncs(MirrorBench bench) {
        this.bench = bench;
        this.slower = new double[bench.rounds];
        this.bound = new double[bench.rounds];
        this.copied = new double[bench.rounds];
        this.synced = new double[bench.rounds];
        this.alone = new double[bench.rounds];
        this.beside = new double[bench.rounds];
    }

    void run() {
        for (int round = 0; round < bench.rounds; round++) {
            inMemory(round);
            onDisk(round);
        }
        bench.out.println("| | | ratio |");
        bench.out.println("|---|---|---|");
        row("writes to the slower of two legs, 400 and 800 MiB/s, in MiB/s", slower, null);
        row("resync of it, idle", bound, slower);
        row("plain copy from file to file on one disk, MiB/s", copied, null);
        row("resync of the same files, idle", synced, copied);
        row("4 KiB random writes, depth 4, p99 in µs", alone, null);
        row("the same beside a resync", beside, alone);
        bench.out.println();
    }

    private void row(String what, double[] figures, double @Nullable [] of) {
        bench.out.println("| " + what + " | " + Medians.words(figures, "%,.0f") + " | "
                + (of == null ? "" : Medians.ratio(figures, of)) + " |");
    }

    private void inMemory(int round) {
        long bytes = 256L << 20;
        long sectors = MirrorOptions.defaults().legSectors(bytes / Sectors.BYTES);
        BlockDevice source = new Bounded(MemoryDevice.of("source", sectors), SOURCE_RATE);
        BlockDevice target = new Bounded(MemoryDevice.of("target", sectors), TARGET_RATE);
        bench.fill(source, bytes);
        bench.fill(target, bytes); // memory is there from here on
        slower[round] = bench.fill(target, bytes);
        MirrorDevice mirror = bench.mirror(List.of(source, target), NEW);
        bound[round] = MirrorBench.rate(bytes, () -> mirror.resync().block());
        mirror.close().block();
    }

    private void onDisk(int round) {
        List<String> names = List.of("from-" + round, "to-" + round);
        List<BlockDevice> plain = names.stream().map(bench::file).toList();
        plain.forEach(device -> bench.fill(device, DATA_BYTES));
        CopyService service = CopyService.create();
        List<IoRegion> ranges = plain.stream()
                .map(device -> new IoRegion(device, 0, DATA_BYTES / Sectors.BYTES))
                .toList();
        copied[round] = MirrorBench.rate(
                DATA_BYTES,
                () -> service.copy(ranges.get(0), ranges.subList(1, 2), CopyOptions.NONE.withFlush())
                        .run()
                        .block());
        service.close().block();
        plain.forEach(device -> device.close().block());
        MirrorDevice mirror = bench.mirror(names.stream().map(bench::again).toList(), NEW);
        synced[round] = MirrorBench.rate(DATA_BYTES, () -> mirror.resync().block());
        alone[round] = p99(mirror);
        mirror.close().block();
        MirrorDevice again = bench.mirror(names.stream().map(bench::again).toList(), NEW);
        beside[round] = p99(again);
        again.close().block();
    }

    private double p99(MirrorDevice mirror) {
        List<Long> nanos = new ArrayList<>();
        long until = bench.soon();
        Flux.range(0, 4)
                .flatMap(
                        i -> Mono.defer(() -> {
                                    long began = System.nanoTime();
                                    IoRegion to = new IoRegion(mirror, bench.place(), 8);
                                    return bench.client
                                            .write(List.of(to), bench.memory())
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
}
