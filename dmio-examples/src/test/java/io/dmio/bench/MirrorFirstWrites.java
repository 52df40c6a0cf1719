package io.dmio.bench;

import static io.dmio.bench.MirrorBench.DATA_BYTES;
import static io.dmio.bench.MirrorBench.KIB_4;
import static io.dmio.bench.MirrorBench.MIB;

import io.dmio.BlockDevice;
import io.dmio.bench.MirrorBench.Workload;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The first writes to a mirror of two files in which nothing is dirty, beside a plain fan-out to the same two: each place is written
 * once, so that chunks have to be marked before. In turn, each round with another mirror.
 */
final class MirrorFirstWrites {

    private static final int WARM_UPS = 3;

    private final MirrorBench bench;

    MirrorFirstWrites(MirrorBench bench) {
        this.bench = bench;
    }

    void run() {
        bench.out.println("| first writes to two legs, copied, requests/s | fan-out | mirror | ratio |");
        bench.out.println("|---|---|---|---|");
        compare("4 KiB in order, depth 32", KIB_4, 8_000, false);
        compare("4 KiB random, depth 32", KIB_4, 8_000, true);
        compare("1 MiB in order, depth 8", MIB, 500, false);
        compare("1 MiB random, depth 8", MIB, 500, true);
        bench.out.println();
    }

    private void compare(String what, int bytes, int count, boolean random) {
        double[] fan = new double[bench.rounds];
        double[] mirrored = new double[bench.rounds];
        for (int round = -WARM_UPS; round < bench.rounds; round++) {
            Workload work = places(bytes, count, random ? new Random(round) : null);
            for (int turn = 0; turn < 2; turn++) {
                boolean plain = (round + turn) % 2 == 0;
                double rate = plain ? fan(bytes, work) : mirror(bytes, work);
                if (round >= 0) {
                    (plain ? fan : mirrored)[round] = rate;
                }
            }
        }
        bench.out.println("| " + what + " | " + Medians.words(fan, "%,.0f") + " | " + Medians.words(mirrored, "%,.0f")
                + " | " + Medians.ratio(mirrored, fan) + " |");
    }

    private static Workload places(int bytes, int count, @Nullable Random random) {
        long[] sectors = LongStream.range(0, count)
                .map(at -> at * (DATA_BYTES / bytes) / count * (bytes / 512))
                .toArray();
        for (int i = count; random != null && i > 1; i--) {
            int other = random.nextInt(i);
            long sector = sectors[i - 1];
            sectors[i - 1] = sectors[other];
            sectors[other] = sector;
        }
        return new Workload(at -> sectors[(int) at], at -> at < count);
    }

    private double fan(int bytes, Workload work) {
        List<BlockDevice> legs = bench.legs();
        double rate = write(legs, bytes, work);
        legs.forEach(leg -> leg.close().block());
        return rate;
    }

    private double mirror(int bytes, Workload work) {
        List<BlockDevice> legs = bench.legs();
        MirrorDevice mirror = bench.mirror(
                legs, MirrorOptions.builder().equalAlready(true).overwrite(true).build());
        double rate = write(List.of(mirror), bytes, work);
        mirror.close().block();
        return rate;
    }

    private double write(List<? extends BlockDevice> to, int bytes, Workload work) {
        return bench.write(to, bytes, bytes == MIB ? 8 : MirrorBench.DEPTH, work);
    }
}
