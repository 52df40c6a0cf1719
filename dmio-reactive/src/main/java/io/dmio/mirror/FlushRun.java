package io.dmio.mirror;

import io.dmio.DeviceException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Flushes every leg that takes part, after lagging writes have arrived. The flush is good when all these legs did it and the others are on
 * record as out. A leg that fails it and stays may have lost what it had not flushed: a later flush is good only when that is on record.
 */
final class FlushRun extends LegFan {

    private final Legs legs;
    private final OnRecord onRecord;
    private final Consumer<@Nullable DeviceException> told;

    FlushRun(Legs legs, OnRecord onRecord, Consumer<@Nullable DeviceException> told) {
        super(legs, Work.FLUSH);
        this.legs = legs;
        this.onRecord = onRecord;
        this.told = told;
    }

    void start() {
        laggards.whenArrived(any -> true, this::flush);
    }

    @Override
    boolean flushes(Leg leg) {
        return true;
    }

    @Override
    void ended() {
        DeviceException problem = problem();
        if (problem != null && allHaveLeft()) {
            new FlushRun(legs, onRecord, told).start();
        } else if (problem != null) {
            told.accept(problem);
        } else {
            failures.whenNoted(this::noted);
        }
    }

    /** Whether the legs that were asked are out, and others have come in meanwhile. */
    private boolean allHaveLeft() {
        return kept() == 0 && done() == 0 && roster.inMask() != 0;
    }

    private void noted(@Nullable DeviceException problem) {
        if (problem == null) {
            onRecord.await(onRecord.versionWithout(done()), told);
        } else {
            told.accept(problem);
        }
    }

    private void flush() {
        List<Leg> asked = roster.present().stream().filter(Leg::takesPart).toList();
        asked.forEach(this::expect);
        asked.forEach(leg -> leg.flush(this));
        allAsked();
    }
}
