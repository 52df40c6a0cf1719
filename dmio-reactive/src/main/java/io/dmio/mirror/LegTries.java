package io.dmio.mirror;

import org.jspecify.annotations.Nullable;

/** Tells whoever waits until so few legs are out that they cannot start by themselves, or until each was tried once. Owned by the mailbox. */
final class LegTries {

    private final MirrorRuntime runtime;
    private final Roster roster;
    private int trying; // bit i: leg i is being tried for whoever waits
    private @Nullable Runnable waiting;

    LegTries(MirrorRuntime runtime, Roster roster) {
        this.runtime = runtime;
        this.roster = roster;
    }

    /** Calls back when that is so; to be told of each of these legs. */
    void await(int mask, Runnable whenOver) {
        trying = mask;
        waiting = whenOver;
        tried(0);
    }

    /** Takes that these legs were tried, and have come in or have not. */
    void tried(int mask) {
        trying &= ~mask;
        if (waiting != null) {
            runtime.tell(this::look); // a leg that has come in may be out again by then
        }
    }

    /** Takes that no leg is tried any more. */
    void stop() {
        tried(trying);
    }

    private void look() {
        Runnable told = waiting;
        if (told != null && (trying == 0 || !roster.isOutnumbered())) {
            waiting = null;
            told.run();
        }
    }
}
