package io.dmio.engine;

import java.util.function.Function;
import java.util.function.Supplier;
import reactor.core.scheduler.Schedulers;

/**
 * Which engine won, and why, for people.
 *
 * @param engine the winner
 * @param reason a phrase
 */
record EngineChoice(IoEngine engine, String reason) {

    /** Forces an engine: {@code posix} or {@code uring}. */
    static final String PROPERTY = "dmio.engine";

    /**
     * Chooses.
     *
     * @param forced the property's value; empty for none
     * @param posix makes the engine that always works
     * @param uring makes the other, or throws
     * @param probe does an engine's own operations: throws if one does not work
     * @throws IllegalArgumentException if the forced engine does not exist
     * @throws IllegalStateException if it would have to be probed by a thread that must not block: the probe would fail for
     *     that, and the choice is for good
     * @throws UnsupportedOperationException if it cannot be had
     */
    static EngineChoice of(
            String forced, Supplier<IoEngine> posix, Supplier<IoEngine> uring, Function<IoEngine, String> probe) {
        return switch (forced) {
            case "" -> probed(posix, uring, probe);
            case PosixEngine.NAME -> new EngineChoice(posix.get(), "forced by -D" + PROPERTY);
            case "uring" -> new EngineChoice(uring.get(), "forced by -D" + PROPERTY);
            default ->
                throw new IllegalArgumentException("-D" + PROPERTY + "=" + forced
                        + ": there is no such engine; use posix or uring, or leave it out");
        };
    }

    private static EngineChoice probed(
            Supplier<IoEngine> posix, Supplier<IoEngine> uring, Function<IoEngine, String> probe) {
        if (Schedulers.isInNonBlockingThread()) {
            throw new IllegalStateException("the first choice of an engine tries it, and blocks, which thread "
                    + Thread.currentThread().getName() + " must not: ask once on another thread, as at the start");
        }
        try {
            IoEngine candidate = uring.get();
            return new EngineChoice(candidate, probe.apply(candidate));
        } catch (RuntimeException unusable) {
            return new EngineChoice(posix.get(), String.valueOf(unusable.getMessage()));
        }
    }
}
