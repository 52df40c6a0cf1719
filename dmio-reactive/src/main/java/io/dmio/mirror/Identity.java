package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.disk.Membership;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who a device is that answers in a leg's place. It is decided each time the device comes, by what is written on it and nothing else.
 *
 * @param kind how far the device is that leg
 * @param why the reason in words
 */
record Identity(Kind kind, String why) {

    /** How far a device is the leg that it should be. */
    enum Kind {
        /** The leg as it was when it left: it gets what was noted as missing on it. */
        AS_IT_LEFT,
        /** The same leg, in an older state or one that nobody knows: it gets everything. */
        OLDER,
        /**
         * A leg that does not say who it is, and was never told, as it was dropped before its first superblock. It gets that, and everything.
         */
        NAMELESS,
        /** Another device, or a leg that went on by itself: nothing is written to it. */
        STRANGE
    }

    /**
     * Compares a device with the leg that it should be.
     *
     * @param membership what the legs that take part say
     * @param index the place of the leg it should be
     * @param found what is on it
     */
    static Identity of(Membership membership, int index, LegDisk found) {
        Membership its = found.mark().membership();
        UUID leg = membership.leg(index).id();
        if (!its.mirror().equals(membership.mirror())) {
            return new Identity(Kind.STRANGE, "belongs to mirror " + its.mirror() + " now");
        }
        if (!found.mark().leg().equals(leg)) {
            return new Identity(Kind.STRANGE, "is leg " + found.mark().leg() + " now, and not " + leg);
        }
        boolean asItLeft = membership.leg(index).left().include(found.batch());
        if (!membership.descendsFrom(its)) {
            boolean forgotten =
                    membership.history().size() == Membership.HISTORY_MAX && its.generation() < membership.generation();
            return new Identity(
                    Kind.STRANGE,
                    forgotten
                            ? "was away for more than " + Membership.HISTORY_MAX
                                    + " lineages, or went on without this mirror: nobody can tell which"
                            : "went on without this mirror");
        }
        return asItLeft
                ? new Identity(Kind.AS_IT_LEFT, "is as it left")
                : new Identity(Kind.OLDER, "is not as it left, but in an older or unknown state: it gets everything");
    }

    /** Returns this identity, or a strange one if a superblock cannot be read, as that may be the newer one. */
    Identity without(int unread) {
        return unread == 0 || kind == Kind.STRANGE
                ? this
                : new Identity(
                        Kind.STRANGE,
                        "has a superblock that cannot be read, and may tell that it went on without this mirror");
    }

    /** Why a device is not, or not any more, the leg that it was taken for; null if it is. */
    @Nullable
    DeviceException refusal(String name) {
        return kind == Kind.AS_IT_LEFT || kind == Kind.OLDER ? null : DeviceException.of(Errno.EINVAL, name, why);
    }

    /** The identity of a leg on which it was never written who it is. */
    static Identity nameless() {
        return new Identity(Kind.NAMELESS, "was never told who it is");
    }

    /** The identity of a device that cannot be read as a leg. */
    static Identity strange(DeviceException refusal) {
        return new Identity(Kind.STRANGE, "" + refusal.getMessage());
    }
}
