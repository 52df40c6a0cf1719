package io.dmio.app.mirror;

import io.dmio.app.events.EventHook;
import io.dmio.app.schedule.Plan;
import io.dmio.app.schedule.Timetable;
import io.dmio.app.serve.Serving;
import io.dmio.mirror.ScrubMode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what the server of a mirror does by itself: the work of its timetable, and changes while it serves. */
final class Housekeeping implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger("io.dmio.app.mirror");

    private final Serving serving;
    private final EventHook hook;
    private volatile @Nullable Timetable times;

    Housekeeping(Serving serving, EventHook hook) {
        this.serving = serving;
        this.hook = hook;
    }

    /**
     * Begins; called once.
     *
     * @param routes the routes by which it does what others may ask for
     */
    void begin(Plan plan, MirrorRoutes routes) {
        times = Timetable.start(plan, new Timetable.Work() {
            @Override
            public void limit(long bytesPerSecond) {
                routes.limit(bytesPerSecond);
            }

            @Override
            public void scrub(boolean repair) {
                routes.scrub(repair ? ScrubMode.REPAIR : ScrubMode.CHECK)
                        .subscribe(
                                told -> {}, // an event
                                cannot -> LOG.warn("the scrub at its time: {}", cannot.getMessage()));
            }
        });
    }

    /**
     * Changes what can be changed.
     *
     * @throws IllegalArgumentException if something is wrong; nothing has changed then
     */
    void change(Live wanted) {
        Timetable begun = times;
        serving.reload(() -> {
            hook.changed(wanted.events());
            serving.changed(wanted.options());
            if (begun != null) {
                begun.follow(wanted.plan());
            }
            return true;
        });
    }

    @Override
    public void close() {
        Timetable begun = times;
        if (begun != null) {
            begun.close();
        }
    }
}
