package io.dmio.bench;

import static io.dmio.bench.MirrorBench.DATA_BYTES;
import static io.dmio.bench.MirrorBench.KIB_4;
import static io.dmio.bench.MirrorBench.MIB;

import io.dmio.BlockDevice;
import io.dmio.bench.MirrorBench.Workload;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import java.util.List;
import java.util.function.Function;

/**
 * Writes to a mirror of two files beside a plain fan-out to the very same two, opened once more: two other files would lie
 * elsewhere on the disk, which made a difference of a fifth. In turn, each round in another order.
 */
final class MirrorWrites {

    private final MirrorBench bench;

    MirrorWrites(MirrorBench bench) {
        this.bench = bench;
        for (BlockDevice leg : List.of(bench.file("leg-0"), bench.file("leg-1"))) {
            bench.fill(leg, DATA_BYTES); // every block exists from here on
            leg.close().block();
        }
    }

    void run() {
        run(false);
        run(true);
    }

    private void run(boolean stable) {
        MirrorDevice mirror = bench.mirror(
                bench.legs(),
                MirrorOptions.builder()
                        .equalAlready(true)
                        .overwrite(true)
                        .stableMemory(stable)
                        .build());
        List<BlockDevice> plain = bench.legs();
        bench.out.println("| writes to two legs, " + (stable ? "stable memory" : "copied")
                + " | fan-out | mirror | ratio | processor µs a write, fan-out | mirror |");
        bench.out.println("|---|---|---|---|---|---|");
        List<BlockDevice> one = List.of(mirror);
        Workload random = new Workload(at -> bench.place(), at -> true);
        compare("4 KiB random, depth 32, requests/s", fan -> rate(fan ? plain : one, KIB_4, MirrorBench.DEPTH, random));
        Workload ascending = new Workload(at -> at % (DATA_BYTES / MIB) * (MIB / 512), at -> true);
        compare("1 MiB ascending, depth 8, MiB/s", fan -> rate(fan ? plain : one, MIB, 8, ascending));
        mirror.close().block();
        plain.forEach(device -> device.close().block());
        bench.out.println();
    }

    private void compare(String what, Function<Boolean, Rate> run) {
        double[][] rates = new double[2][bench.rounds]; // of the fan-out and of the mirror
        double[][] processor = new double[2][bench.rounds];
        for (int round = 0; round < bench.rounds; round++) {
            for (int turn = 0; turn < 2; turn++) {
                int which = (round + turn) % 2;
                Rate rate = run.apply(which == 0);
                rates[which][round] = rate.perSecond;
                processor[which][round] = rate.cpuMicros;
            }
        }
        bench.out.println("| " + what + " | " + Medians.words(rates[0], "%,.0f") + " | "
                + Medians.words(rates[1], "%,.0f") + " | " + Medians.ratio(rates[1], rates[0]) + " | "
                + Medians.words(processor[0], "%,.1f") + " | " + Medians.words(processor[1], "%,.1f") + " |");
    }

    /** Of a run; the processor's time is that of the whole process. */
    private record Rate(double perSecond, double cpuMicros) {}

    /** After as long again, so that it is the steady state that is measured: chunks that are written are marked. */
    private Rate rate(List<BlockDevice> to, int bytes, int depth, Workload work) {
        bench.write(to, bytes, depth, work.until(bench.soon()));
        long cpu = MirrorBench.cpuNanos();
        long began = System.nanoTime();
        double perSecond = bench.write(to, bytes, depth, work.until(bench.soon()));
        double writes = perSecond * (System.nanoTime() - began) / 1e9;
        return new Rate(perSecond, (MirrorBench.cpuNanos() - cpu) / 1e3 / writes);
    }
}
