package io.dmio.bench;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.bench.MirrorBench.Workload;
import io.dmio.mirror.MirrorOptions;
import io.dmio.nbd.NbdDevice;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Writes to a mirror of two legs by NBD, beside writes to one of them: by TCP on this machine, to servers in this process. */
final class MirrorOverNbd {

    private final MirrorBench bench;

    MirrorOverNbd(MirrorBench bench) {
        this.bench = bench;
        for (BlockDevice leg : List.of(bench.file("nbd-0"), bench.file("nbd-1"))) {
            leg.close().block();
        }
    }

    void run() {
        bench.out.println("| 4 KiB random writes by NBD, depth 32, requests/s | one leg | mirror of two | ratio |");
        bench.out.println("|---|---|---|---|");
        compare("legs that do 8 at a time in 2 ms", device -> new EightAtATime(device, BlockOp.Kind.WRITE));
        compare("legs as fast as they are; the servers share the processors", device -> device);
        bench.out.println();
    }

    private void compare(String what, UnaryOperator<BlockDevice> as) {
        double[] one = new double[bench.rounds];
        double[] two = new double[bench.rounds];
        for (int round = 0; round < bench.rounds; round++) {
            one[round] = rate(1, as);
            two[round] = rate(2, as);
        }
        bench.out.println("| " + what + " | " + Medians.words(one, "%,.0f") + " | " + Medians.words(two, "%,.0f")
                + " | " + Medians.ratio(two, one) + " |");
    }

    private double rate(int count, UnaryOperator<BlockDevice> as) {
        List<BlockDevice> served = new ArrayList<>();
        List<NbdServer> servers = new ArrayList<>();
        List<BlockDevice> remote = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            served.add(as.apply(bench.again("nbd-" + i)));
            NbdServer server = NbdServer.builder()
                    .bind("127.0.0.1", 0)
                    .export(NbdExport.of("leg", served.get(i)))
                    .start()
                    .blockOptional()
                    .orElseThrow();
            servers.add(server);
            remote.add(
                    NbdDevice.open(server.uri("leg").toString()).blockOptional().orElseThrow());
        }
        List<BlockDevice> to = count == 1
                ? remote
                : List.of(bench.mirror(
                        remote,
                        MirrorOptions.builder()
                                .equalAlready(true)
                                .overwrite(true)
                                .build()));
        Workload random = new Workload(at -> bench.place(), at -> true);
        bench.write(to, MirrorBench.KIB_4, MirrorBench.DEPTH, random.until(bench.soon())); // chunks are marked
        double rate = bench.write(to, MirrorBench.KIB_4, MirrorBench.DEPTH, random.until(bench.soon()));
        to.forEach(device -> device.close().block());
        servers.forEach(server -> server.close().block());
        served.forEach(device -> device.close().block());
        return rate;
    }
}
