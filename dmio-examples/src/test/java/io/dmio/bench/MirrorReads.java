package io.dmio.bench;

import static io.dmio.bench.MirrorBench.DEPTH;
import static io.dmio.bench.MirrorBench.KIB_4;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads of a device that answers late, from one leg and from two. */
final class MirrorReads {

    private final MirrorBench bench;

    MirrorReads(MirrorBench bench) {
        this.bench = bench;
    }

    void run() {
        double[] one = new double[bench.rounds];
        double[] two = new double[bench.rounds];
        for (int round = 0; round < bench.rounds; round++) {
            one[round] = rate(1, "late-" + round);
            two[round] = rate(2, "later-" + round);
        }
        bench.out.println("| 4 KiB random reads, depth 32, of legs that do 8 at a time in 2 ms | requests/s | ratio |");
        bench.out.println("|---|---|---|");
        bench.out.println("| one leg | " + Medians.words(one, "%,.0f") + " | |");
        bench.out.println("| two legs | " + Medians.words(two, "%,.0f") + " | " + Medians.ratio(two, one) + " |");
    }

    private double rate(int count, String name) {
        List<BlockDevice> legs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            legs.add(new EightAtATime(bench.file(name + "-" + i), BlockOp.Kind.READ));
        }
        MirrorDevice mirror =
                bench.mirror(legs, MirrorOptions.builder().equalAlready(true).build());
        VmBuffer[] into = new VmBuffer[DEPTH];
        Arrays.setAll(into, i -> VmBuffer.allocate(KIB_4));
        long began = System.nanoTime();
        long until = bench.soon();
        long done = Flux.range(0, DEPTH)
                .flatMap(
                        i -> Mono.defer(() -> bench.client.read(new IoRegion(mirror, bench.place(), 8), into[i]))
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
}
