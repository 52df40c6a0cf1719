package io.dmio.bench;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What a mirror of two legs costs beside a plain fan-out to the same files; how fast a resync is beside its legs, and what it
 * does to who writes meanwhile; what a second leg brings to readers. Prints Markdown tables of medians, with least and most.
 *
 * <p>Arguments: a directory, seconds a run, rounds.
 */
public final class Mirrors {

    private Mirrors() {}

    public static void main(String[] args) throws IOException {
        try (MirrorBench bench =
                new MirrorBench(Path.of(args[0]), Double.parseDouble(args[1]), Integer.parseInt(args[2]))) {
            new MirrorWrites(bench).run();
            new MirrorResyncs(bench).run();
            new MirrorReads(bench).run();
        }
        System.exit(0);
    }
}
