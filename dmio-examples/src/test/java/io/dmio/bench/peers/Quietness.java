package io.dmio.bench.peers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * How quiet the machine was while something was measured: fio alone does the same work on the same files twice right before, and twice
 * right after. Where these differ, so may anything between them, whoever it is.
 */
public final class Quietness {

    private static final double LOUD_FROM = 1.15;
    private static final double RAMP_SECONDS = 1;
    private static final int RUNS = 2;

    private final List<Double> rates = new ArrayList<>();

    /** Lets fio run, before or after; blocks. */
    void look(Workload work, List<Path> legs, double seconds) throws IOException, InterruptedException {
        Fio fio = new Fio(work, legs, new Fio.Window(RAMP_SECONDS, seconds));
        for (int i = 0; i < RUNS; i++) {
            Program ended = Program.run(fio.command(true), (long) (RAMP_SECONDS + seconds) + 90);
            saw(fio.parse(ended.output(), ended.cpuSeconds()).legOpsPerSecond());
        }
    }

    /** The same for whoever has no work of the peers' run: random direct writes. */
    public void look(List<Path> legs, int blockBytes, int depth) throws IOException, InterruptedException {
        look(new Workload("quietness", blockBytes, legs.size(), depth, true, false), legs, 2);
    }

    void saw(double legOpsPerSecond) {
        rates.add(legOpsPerSecond);
    }

    boolean isLoud() {
        return Collections.max(rates) > LOUD_FROM * Collections.min(rates);
    }

    /** A line for whoever reads the figures. */
    public String words() {
        double least = Collections.min(rates);
        double most = Collections.max(rates);
        String apart = String.format(
                Locale.ROOT,
                "fio alone, before and after: %,.0f to %,.0f leg operations/s, %.2f",
                least,
                most,
                most / least);
        return isLoud() ? "**Loud: not to be kept.** " + apart + "." : "Quiet: " + apart + ".";
    }
}
