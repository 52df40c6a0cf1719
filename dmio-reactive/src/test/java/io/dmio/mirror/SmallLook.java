package io.dmio.mirror;

import java.util.Comparator;
import java.util.Optional;

/** What a small mirror says of its legs, by their disks. */
record SmallLook(MirrorStatus status) {

    boolean isOut(int disk) {
        return leg(disk).filter(SmallLook::takesPart).isEmpty();
    }

    boolean isWhole(int disk) {
        return leg(disk).filter(is -> is.state() == LegState.IN_SYNC).isPresent();
    }

    boolean anotherIsWhole(int disk) {
        return status.legs().stream()
                .anyMatch(one -> one.state() == LegState.IN_SYNC && !one.name().equals("disk-" + disk));
    }

    boolean isEachKnown() {
        return status.legs().stream()
                .noneMatch(one -> one.state() == LegState.MISSING || one.state() == LegState.REFUSED);
    }

    int indexOf(int disk) {
        return leg(disk).map(LegStatus::index).orElse(-1);
    }

    // A disk that was added again while its old self was still on record is there twice.
    private Optional<LegStatus> leg(int disk) {
        return status.legs().stream()
                .filter(one -> one.name().equals("disk-" + disk))
                .max(Comparator.comparing(SmallLook::takesPart).thenComparing(SmallLook::isThere));
    }

    private static boolean takesPart(LegStatus leg) {
        return leg.state() == LegState.IN_SYNC || leg.state() == LegState.SYNCING;
    }

    private static boolean isThere(LegStatus leg) {
        return leg.state() != LegState.MISSING;
    }
}
