package io.dmio.mirror;

import io.dmio.DeviceException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Flushes every leg that takes part, after what lags behind has arrived. Good when all of them did, and the others are on
 * record as out.
 */
final class FlushRun extends LegFan {

    private final Consumer<@Nullable DeviceException> told;
    private int lagging;

    FlushRun(Mirror mirror, Consumer<@Nullable DeviceException> told) {
        super(mirror, Work.FLUSH);
        this.told = told;
    }

    void start() {
        List<WriteRun> runs = List.copyOf(mirror.laggards());
        lagging = runs.size();
        runs.forEach(run -> run.afterLag(() -> {
            if (--lagging == 0) {
                flush();
            }
        }));
        if (runs.isEmpty()) {
            flush();
        }
    }

    @Override
    void ended() {
        if (!isGood()) {
            told.accept(problem());
        } else {
            mirror.onRecord().await(mirror.onRecord().versionWithout(done()), told);
        }
    }

    private void flush() {
        List<Leg> asked =
                mirror.roster().present().stream().filter(Leg::takesPart).toList();
        asked.forEach(this::expect);
        asked.forEach(leg -> leg.flush(this));
        allAsked();
    }
}
