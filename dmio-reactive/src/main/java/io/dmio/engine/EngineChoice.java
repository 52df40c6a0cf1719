package io.dmio.engine;

import java.util.function.Function;
import java.util.function.Supplier;
import reactor.core.scheduler.Schedulers;

/**
 * The engine that was chosen, and why, for people.
 *
 * @param engine the chosen engine
 * @param reason a phrase
 */
record EngineChoice(IoEngine engine, String reason) {

    /** The property that forces an engine by its name. */
    static final String PROPERTY = "dmio.engine";

    /**
     * The engines to choose from, the best one first. Each supplier makes an engine or throws why it cannot be had; the last never throws.
     */
    record Candidates(Supplier<IoEngine> uring, Supplier<IoEngine> posix, Supplier<IoEngine> jdk) {}

    /**
     * Chooses an engine.
     *
     * @param forced the property's value; empty for none
     * @param from the candidates
     * @param probe tries the ring's own operations, and throws if one does not work
     * @throws IllegalArgumentException if the forced engine does not exist
     * @throws IllegalStateException if a thread that must not block would have to probe the engine: the probe would fail for that reason, and
     *     the choice is final
     * @throws UnsupportedOperationException if the forced engine cannot be had
     */
    static EngineChoice of(String forced, Candidates from, Function<IoEngine, String> probe) {
        String why = "forced by -D" + PROPERTY;
        return switch (forced) {
            case "" -> probed(from, probe);
            case PosixEngine.NAME -> new EngineChoice(from.posix.get(), why);
            case "uring" -> new EngineChoice(from.uring.get(), why);
            case JdkEngine.NAME -> new EngineChoice(from.jdk.get(), why);
            default ->
                throw new IllegalArgumentException("-D" + PROPERTY + "=" + forced
                        + ": there is no such engine; use posix, uring or jdk, or leave it out");
        };
    }

    private static EngineChoice probed(Candidates from, Function<IoEngine, String> probe) {
        if (Schedulers.isInNonBlockingThread()) {
            throw new IllegalStateException("the first choice of an engine tries it, and blocks, which thread "
                    + Thread.currentThread().getName() + " must not: ask once on another thread, as at the start");
        }
        String noRing;
        try {
            IoEngine candidate = from.uring.get();
            return new EngineChoice(candidate, probe.apply(candidate));
        } catch (RuntimeException unusable) {
            noRing = String.valueOf(unusable.getMessage());
        }
        try {
            return new EngineChoice(from.posix.get(), noRing);
        } catch (UnsupportedOperationException unusable) {
            String noCalls = String.valueOf(unusable.getMessage());
            return new EngineChoice(from.jdk.get(), noCalls.equals(noRing) ? noRing : noRing + "; " + noCalls);
        }
    }
}
