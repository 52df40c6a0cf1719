package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.Errno;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Shows that legs of a new mirror are apart: one device that is given twice, by its path and as an export, say, would be a mirror with one copy.
 * Each leg gets a mark with a beat of its own, one after the other; a leg that shows the beat of another one is that one.
 */
final class ApartLegs {

    private final OwnerMarks marks;
    private final List<BlockDevice> legs;
    private final List<OwnerMark> own = new ArrayList<>(); // by leg
    private OwnerMark last;

    /**
     * @param legs legs that are this owner's
     * @param before the mark that they carry
     */
    ApartLegs(OwnerMarks marks, List<BlockDevice> legs, OwnerMark before) {
        this.marks = marks;
        this.legs = legs;
        this.last = before;
        for (int i = 0; i < legs.size(); i++) {
            last = last.next(true);
            own.add(last);
        }
    }

    /** Returns the newest of the marks that are used. */
    OwnerMark last() {
        return last;
    }

    /**
     * Completes if all legs are apart; errors with EBUSY if two are one.
     *
     * @param held completes while the legs are this owner's
     */
    Mono<Void> shown(Mono<Void> held) {
        return Flux.range(0, legs.size())
                .concatMap(i -> held.then(marks.write(List.of(legs.get(i)), own.get(i))))
                .then(Mono.defer(() -> marks.read(legs)))
                .flatMap(this::compared);
    }

    private Mono<Void> compared(List<Sight> seen) {
        for (int i = 0; i < seen.size(); i++) {
            int other = own.indexOf(seen.get(i).mark());
            if (other >= 0 && other != i) {
                String why = "is the same device as " + legs.get(other).info().name() + ": give it once";
                return Mono.error(
                        DeviceException.of(Errno.EBUSY, legs.get(i).info().name(), why));
            }
        }
        return Mono.empty();
    }
}
