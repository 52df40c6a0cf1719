package io.dmio.bench;

import io.dmio.bench.peers.Quietness;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What a mirror of two legs costs beside a plain fan-out to the same files; how fast a resync is beside its legs, and what it
 * does to who writes meanwhile; what a second leg brings to readers; what a mirror of legs by NBD does beside one of them.
 * Prints Markdown tables of medians, with least and most.
 *
 * <p>Arguments: a directory, seconds a run, rounds.
 */
public final class Mirrors {

    private Mirrors() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        try (MirrorBench bench =
                new MirrorBench(Path.of(args[0]), Double.parseDouble(args[1]), Integer.parseInt(args[2]))) {
            Quietness quietness = new Quietness();
            MirrorWrites writes = new MirrorWrites(bench);
            quietness.look(bench.legFiles(), MirrorBench.KIB_4, MirrorBench.DEPTH);
            writes.run();
            new MirrorFirstWrites(bench).run();
            quietness.look(bench.legFiles(), MirrorBench.KIB_4, MirrorBench.DEPTH);
            bench.out.println(quietness.words() + "\n");
            new MirrorResyncs(bench).run();
            new MirrorReads(bench).run();
            new MirrorOverNbd(bench).run();
        }
        System.exit(0);
    }
}
