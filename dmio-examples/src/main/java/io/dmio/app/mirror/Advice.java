package io.dmio.app.mirror;

import io.dmio.DeviceException;
import io.dmio.mirror.MirrorRefusal;

/** Words for what the library refuses, with what to do about it in terms of this app. */
final class Advice {

    private Advice() {}

    /** Returns the refusal as a usage error: nothing was changed, and another command line would help. */
    static IllegalArgumentException of(DeviceException refused) {
        return new IllegalArgumentException(words(refused), refused);
    }

    /** Returns the refusal on one line. */
    static String words(DeviceException refused) {
        return refused.reason()
                .filter(MirrorRefusal.class::isInstance)
                .map(reason -> refused.errno() + ": " + refused.device() + ": " + refused.detail() + ": "
                        + remedy((MirrorRefusal) reason))
                .orElseGet(() -> String.valueOf(refused.getMessage()));
    }

    private static String remedy(MirrorRefusal refusal) {
        return switch (refusal) {
            case LEG_MISSING -> "bring it, or, if it has not, dmio mirror assemble --degraded";
            case CONTENT_MISSING ->
                "bring the leg that has it, or name the one that counts (dmio mirror assemble --trust)";
            case SPLIT_BRAIN ->
                "name the one that counts (dmio mirror assemble --trust), and the others get its content";
            case OPEN_ELSEWHERE ->
                "close it there; or, if that one is dead or cut off for sure, take it over"
                        + " (--takeover of dmio mirror assemble, or serve)";
            case OTHER_MIRROR -> "open that, or use --force to overwrite it";
            case FORMER_LEG -> "use --force to overwrite it";
            case LARGER_BLOCKS ->
                "add it while no server has the mirror, as nobody relies on its blocks then (dmio mirror create --block 4K"
                        + " makes mirrors that take it at any time)";
        };
    }
}
