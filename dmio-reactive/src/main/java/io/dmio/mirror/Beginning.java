package io.dmio.mirror;

import io.dmio.DeviceException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a start makes durable before anything is answered, step by step. Owned by the mailbox. */
final class Beginning {

    private static final int WATCHES = 2; // a mark that moves, or that a leg shows late, is watched anew

    private final Mirror mirror;
    private final MirrorRuntime runtime;
    private final Roster roster;
    private final BooleanSupplier givenUp;

    /**
     * @param givenUp whether the start was given up meanwhile: then no further step is begun
     */
    Beginning(Mirror mirror, BooleanSupplier givenUp) {
        this.mirror = mirror;
        this.runtime = mirror.runtime();
        this.roster = mirror.roster();
        this.givenUp = givenUp;
    }

    /** How long it may take until a leg hangs: long enough for each answer, and for marks of other owners on legs that are to come in. */
    static Duration timeMax(Mirror mirror) {
        MirrorSettings options = mirror.runtime().options();
        Duration answers = LegCall.time(options.legDeadline).plus(options.legDeadline);
        boolean watches = options.ownerMarks() && mirror.roster().isOutnumbered() && !options.degraded();
        return watches ? answers.plusNanos(WATCHES * mirror.owner().claim().watchNanos()) : answers;
    }

    /** A step, which calls back with null when it is durable, or with why the mirror cannot start. */
    private interface Step {
        void await(Consumer<@Nullable DeviceException> told);
    }

    /** Does all that is needed; calls back with null when it is durable, or with why the mirror cannot start. */
    void makeDurable(Consumer<@Nullable DeviceException> told) {
        inTurn(steps().iterator(), null, told);
    }

    private List<Step> steps() {
        MirrorSettings options = runtime.options();
        if (!options.keeps(Rule.CHOOSE_BEFORE_START)) {
            return List.of();
        }
        // What is about to be read and relied on may be only in a cache, where a process that was killed has left it.
        Step flush = options.keeps(Rule.FLUSH_AT_START) ? mirror::flush : told -> told.accept(null);
        // Bits of a leg that counts by an operator's word are cleared. Until it is on record that the others lack
        // everything, nothing would say that legs differ.
        return options.isTrusting() && options.keeps(Rule.RECORD_TRUST_FIRST)
                ? List.of(flush, this::leftOut, this::members, this::bits)
                : List.of(flush, this::bits, this::members, this::outnumbering);
    }

    private void inTurn(
            Iterator<Step> steps, @Nullable DeviceException failure, Consumer<@Nullable DeviceException> told) {
        if (failure != null || givenUp.getAsBoolean() || !steps.hasNext()) {
            told.accept(failure);
        } else {
            steps.next().await(problem -> inTurn(steps, problem, told));
        }
    }

    private void bits(Consumer<@Nullable DeviceException> told) {
        mirror.onRecord().bits(told);
    }

    private void members(Consumer<@Nullable DeviceException> told) {
        mirror.onRecord().await(mirror.onRecord().version(), told);
    }

    /** Tells legs that are this owner's and do not count that they do not, if it can, so that none starts without the one that does. */
    private void leftOut(Consumer<@Nullable DeviceException> told) {
        Predicate<Leg> whom = leg -> !leg.takesPart() && mirror.owner().isMarked(leg);
        SuperblockRound.toThoseLeftOut(mirror.legs(), roster.nextGeneration(), whom, untold -> told.accept(null))
                .start();
    }

    /**
     * Brings in legs that are out, where as many as may start by themselves do not know it: that would undo what is read of this start. If too
     * few come in, an operator has to say that the mirror may start.
     */
    private void outnumbering(Consumer<@Nullable DeviceException> told) {
        MirrorSettings options = runtime.options();
        if (!roster.isOutnumbered() || options.degraded() || !options.keeps(Rule.BRING_IN_WHO_IS_OUT)) {
            told.accept(null);
            return;
        }
        mirror.rejoin()
                .now(() -> told.accept(
                        runtime.lost() != null || !roster.isOutnumbered()
                                ? runtime.lost()
                                : Lineup.outnumbered(runtime.name(), roster.membership(), roster.outOnRecord())));
    }
}
