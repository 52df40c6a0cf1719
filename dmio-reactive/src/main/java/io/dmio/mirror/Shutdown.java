package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Planes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Ends a mirror in good order: background work stops at the next piece, and a change of the legs that has begun ends. Then the legs are flushed,
 * the bitmap is clean and the superblocks say so, the owner's mark says that the owner has gone, and the legs are closed. If that fails, they
 * are closed all the same: the next start finds the mirror as after a crash.
 */
final class Shutdown {

    private static final long LOOK_AGAIN_MILLIS = 1;

    private final Mirror mirror;
    private final MirrorRuntime runtime;
    private final BooleanSupplier scrubs;
    private final Caller<Void> caller;
    private @Nullable DeviceException unflushed;

    /**
     * @param scrubs whether a scrub runs, which was told to stop
     */
    Shutdown(Mirror mirror, BooleanSupplier scrubs, Caller<Void> caller) {
        this.mirror = mirror;
        this.scrubs = scrubs;
        this.runtime = mirror.runtime();
        this.caller = caller;
    }

    /** Begins; called in the mailbox, when no operation is in flight. */
    void start() {
        stop(mirror);
        whenQuiet();
    }

    private static void stop(Mirror mirror) {
        mirror.resync().stop();
        mirror.rejoin().stop();
        mirror.owner().stop();
        mirror.throttle().end();
    }

    private static boolean isQuiet(Mirror mirror) {
        return mirror.resync().isIdle()
                && mirror.rejoin().isIdle()
                && !mirror.cleaner().isRunning()
                && !mirror.healing().isHealing();
    }

    private void whenQuiet() {
        if (isQuiet(mirror) && !runtime.isChanging() && !scrubs.getAsBoolean()) {
            mirror.cleanForUser(this::cleaned);
        } else {
            runtime.after(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS, this::whenQuiet);
        }
    }

    private void cleaned(@Nullable DeviceException problem) {
        unflushed = problem;
        boolean clean = mirror.planes().count(Planes.DIRTY) == 0;
        mirror.onRecord().change(mirror.roster().membership().withClean(clean));
        mirror.onRecord().await(mirror.onRecord().version(), this::recorded);
    }

    private void recorded(@Nullable DeviceException problem) {
        release(mirror, this::closeAll);
    }

    /**
     * Lets the legs go once they are idle, as the next owner begins when the mark says so. A leg that owes an answer
     * even after its deadline may still do what it was asked for: then the mark does not say so.
     */
    static void release(Mirror mirror, Runnable released) {
        List<Leg> legs = mirror.roster().present();
        List<Leg> owing = new ArrayList<>();
        int[] left = {legs.size()};
        if (legs.isEmpty()) {
            mirror.owner().close(true, released);
        }
        for (Leg leg : legs) {
            leg.whenIdle(() -> {
                if (leg.inFlight() > 0) {
                    owing.add(leg);
                }
                if (--left[0] == 0) {
                    mirror.owner().close(owing.isEmpty(), released);
                }
            });
        }
    }

    /**
     * Lets the legs go of a mirror that could not begin: nothing begins on them any more, and what has begun has until the deadline to end. Nobody
     * waits longer for a leg that hangs, also while it gets its owner's mark; whoever is told ends the mirror.
     */
    static void giveUp(Mirror mirror, Runnable released) {
        stop(mirror);
        MirrorRuntime runtime = mirror.runtime();
        giveUp(mirror, runtime.nanos() + runtime.options().legDeadlineNanos(), released);
    }

    private static void giveUp(Mirror mirror, long end, Runnable released) {
        MirrorRuntime runtime = mirror.runtime();
        boolean idle = mirror.roster().present().stream().allMatch(leg -> leg.inFlight() == 0);
        boolean late = runtime.nanos() - end >= 0;
        if (late || (idle && isQuiet(mirror))) {
            long most = idle
                    ? LegCall.time(runtime.options().legDeadline).toNanos()
                    : runtime.options().legDeadlineNanos();
            Runnable once = new Once(released);
            mirror.owner().close(idle, once);
            runtime.after(most, TimeUnit.NANOSECONDS, once);
        } else {
            runtime.after(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS, () -> giveUp(mirror, end, released));
        }
    }

    private static final class Once implements Runnable {
        private @Nullable Runnable told;

        Once(Runnable told) {
            this.told = told;
        }

        @Override
        public void run() {
            Runnable now = told;
            told = null;
            if (now != null) {
                now.run();
            }
        }
    }

    private void closeAll() {
        mirror.dispose();
        DeviceException lost = unflushed;
        Mono<Void> closed = closeAll(mirror);
        Mono<Void> end = lost == null ? closed : closed.onErrorComplete().then(Mono.error(lost));
        end.subscribe(never -> {}, caller::error, caller::success);
    }

    /** Closes all legs, whatever one of them says. */
    static Mono<Void> closeAll(Mirror mirror) {
        return Flux.defer(() -> Flux.fromIterable(mirror.roster().present()))
                .flatMapDelayError(Shutdown::close, LegLayout.LEGS_MAX, LegLayout.LEGS_MAX)
                .then();
    }

    // A leg that owes an answer even now is closed when it gives it; nobody waits for that.
    private static Mono<Void> close(Leg leg) {
        Mono<Void> closed = closed(leg);
        if (leg.inFlight() == 0) {
            return closed;
        }
        closed.subscribe(never -> {}, late -> {});
        return Mono.empty();
    }

    private static Mono<Void> closed(Leg leg) {
        try {
            return Objects.requireNonNull(leg.device.close(), "a close that is null");
        } catch (RuntimeException | LinkageError thrown) {
            return Mono.error(DeviceException.of(Errno.EIO, leg.name(), "its close threw " + thrown));
        }
    }
}
