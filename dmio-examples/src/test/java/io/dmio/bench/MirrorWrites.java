package io.dmio.bench;

import static io.dmio.bench.MirrorBench.DATA_BYTES;
import static io.dmio.bench.MirrorBench.KIB_4;
import static io.dmio.bench.MirrorBench.MIB;

import io.dmio.BlockDevice;
import io.dmio.bench.MirrorBench.Workload;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Writes to a mirror of two files beside a plain fan-out to the very same two, opened once more: two other files would lie
 * elsewhere on the disk, which made a difference of a fifth. In turn, each round in another order.
 */
final class MirrorWrites {

    private final MirrorBench bench;

    MirrorWrites(MirrorBench bench) {
        this.bench = bench;
    }

    void run() {
        bench.file("leg-0").close().block();
        bench.file("leg-1").close().block();
        run(false);
        run(true);
    }

    private void run(boolean stable) {
        MirrorDevice mirror = bench.mirror(
                legs(),
                MirrorOptions.builder()
                        .equalAlready(true)
                        .overwrite(true)
                        .stableMemory(stable)
                        .build());
        List<BlockDevice> plain = legs();
        bench.fill(mirror, DATA_BYTES); // every block exists from here on
        bench.out.println(
                "| writes to two legs, " + (stable ? "stable memory" : "copied") + " | fan-out | mirror | ratio |");
        bench.out.println("|---|---|---|---|");
        List<BlockDevice> one = List.of(mirror);
        Workload random = new Workload(at -> bench.place(), at -> true);
        compare("4 KiB random, depth 32, requests/s", fan -> rate(fan ? plain : one, KIB_4, MirrorBench.DEPTH, random));
        Workload ascending = new Workload(at -> at % (DATA_BYTES / MIB) * (MIB / 512), at -> true);
        compare("1 MiB ascending, depth 8, MiB/s", fan -> rate(fan ? plain : one, MIB, 8, ascending));
        mirror.close().block();
        plain.forEach(device -> device.close().block());
        bench.out.println();
    }

    private List<BlockDevice> legs() {
        return List.of(bench.again("leg-0"), bench.again("leg-1"));
    }

    private void compare(String what, ToDoubleFunction<Boolean> run) {
        double[] fan = new double[bench.rounds];
        double[] mirrored = new double[bench.rounds];
        for (int round = 0; round < bench.rounds; round++) {
            boolean first = round % 2 == 0;
            double one = run.applyAsDouble(first);
            double two = run.applyAsDouble(!first);
            fan[round] = first ? one : two;
            mirrored[round] = first ? two : one;
        }
        bench.out.println("| " + what + " | " + Medians.words(fan, "%,.0f") + " | " + Medians.words(mirrored, "%,.0f")
                + " | " + Medians.ratio(mirrored, fan) + " |");
    }

    /** After as long again, so that it is the steady state that is measured: chunks that are written are marked. */
    private double rate(List<BlockDevice> to, int bytes, int depth, Workload work) {
        bench.write(to, bytes, depth, work.until(bench.soon()));
        return bench.write(to, bytes, depth, work.until(bench.soon()));
    }
}
