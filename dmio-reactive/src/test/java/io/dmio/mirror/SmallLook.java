package io.dmio.mirror;

import java.util.Optional;

/** What a small mirror says of its legs, by their disks. */
record SmallLook(MirrorStatus status) {

    boolean isOut(int disk) {
        return leg(disk)
                .map(LegStatus::state)
                .filter(is -> is == LegState.IN_SYNC || is == LegState.SYNCING)
                .isEmpty();
    }

    boolean isWhole(int disk) {
        return leg(disk).filter(is -> is.state() == LegState.IN_SYNC).isPresent();
    }

    boolean anotherIsWhole(int disk) {
        return status.legs().stream()
                .anyMatch(one -> one.state() == LegState.IN_SYNC && !one.name().equals("disk-" + disk));
    }

    int indexOf(int disk) {
        return leg(disk).map(LegStatus::index).orElse(-1);
    }

    private Optional<LegStatus> leg(int disk) {
        return status.legs().stream()
                .filter(one -> one.name().equals("disk-" + disk))
                .findFirst();
    }
}
