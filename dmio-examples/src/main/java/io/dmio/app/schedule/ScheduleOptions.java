package io.dmio.app.schedule;

import io.dmio.app.cli.RateOption;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options for what a server does by itself, and how fast. */
public final class ScheduleOptions {

    @Mixin
    private RateOption rate = new RateOption();

    @Option(
            names = "--rate-at",
            paramLabel = "FROM-TO=SIZE",
            converter = RateWindow.Converter.class,
            description = "Another rate in a part of each day: 08:00-18:00=20M; again for more.")
    private List<RateWindow> windows = List.of();

    @Option(
            names = "--scrub-at",
            paramLabel = "TIME",
            converter = WeeklyTime.Converter.class,
            description = "Compare the legs each week at this time (\"Sun 03:00\"), or each day (\"03:00\"), by this"
                    + " machine's clock. A time at which nothing is served is missed.")
    private @Nullable WeeklyTime scrubAt;

    @Option(names = "--scrub-repair", description = "With --scrub-at: make them equal, where most of them agree.")
    private boolean scrubRepair;

    /**
     * Returns the plan that the options say.
     *
     * @throws IllegalArgumentException if they do not fit together
     */
    public Plan plan() {
        if (scrubRepair && scrubAt == null) {
            throw new IllegalArgumentException("--scrub-repair: says how to scrub; say when with --scrub-at");
        }
        return new Plan(Optional.ofNullable(scrubAt), scrubRepair, windows, rate.bytesPerSecondMax());
    }
}
