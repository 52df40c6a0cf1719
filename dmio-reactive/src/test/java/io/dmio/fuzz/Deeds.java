package io.dmio.fuzz;

import io.dmio.BlockOp;
import java.util.List;

/** What one call does to devices, and from when to when: to tell whose failure a failure was. */
final class Deeds {

    private static final int NEVER = Integer.MAX_VALUE;

    private final BlockOp.Kind kind;
    private final List<Place> places;
    private final boolean flushes;
    private int start = NEVER;
    private int end = NEVER;

    /**
     * Nothing yet.
     *
     * @param kind what is done to each place
     * @param places where
     * @param flushes whether their devices may be flushed besides
     */
    Deeds(BlockOp.Kind kind, List<Place> places, boolean flushes) {
        this.kind = kind;
        this.places = places;
        this.flushes = flushes;
    }

    void begin(int now) {
        start = now;
    }

    void end(int now) {
        end = now;
    }

    boolean isBegun() {
        return start != NEVER;
    }

    int start() {
        return start;
    }

    int end() {
        return end;
    }

    private boolean during(Disk.Failure failure) {
        return failure.at() > start && failure.at() <= end;
    }

    /** Whether a failure may be the reason for a bit of the place. */
    boolean mayHaveMet(Place place, Disk.Failure failure) {
        if (!during(failure)) {
            return false;
        }
        return failure.kind() == BlockOp.Kind.FLUSH
                ? flushes || kind == BlockOp.Kind.FLUSH
                : failure.kind() == kind && place.touches(failure);
    }

    /** How many of the places may have caused a failure. */
    int suspects(Disk disk, Disk.Failure failure) {
        int suspects = 0;
        for (Place place : places) {
            suspects += place.disk() == disk && mayHaveMet(place, failure) ? 1 : 0;
        }
        return suspects;
    }

    Place place(int index) {
        return places.get(index);
    }
}
