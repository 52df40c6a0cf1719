package io.dmio.mirror;

import io.dmio.BlockDevice;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The looks of one start at all its devices: whether another owner is there, whether its mark moves while that is waited for, and whether
 * the legs are taken from it. Nothing is written here.
 */
final class ClaimLooks {

    private final List<BlockDevice> devices;
    private final MirrorSettings settings;
    private final OwnerMarks marks;
    private final Takeover takeover;
    private List<Sight> seen = List.of(); // on each device, when nobody was there
    private boolean takes;

    ClaimLooks(List<BlockDevice> devices, MirrorSettings settings, OwnerMarks marks, Takeover takeover) {
        this.devices = devices;
        this.settings = settings;
        this.marks = marks;
        this.takeover = takeover;
    }

    /** Completes when nobody else is there; errors with EBUSY if somebody is. */
    Mono<Void> first(ClaimPause pause) {
        return marks.read(devices).flatMap(first -> {
            seen = first;
            List<Sight> held = Sight.held(first, settings.host());
            boolean free = held.isEmpty() && !Sight.isBlind(first);
            takes = takeover.begins(held, Sight.isBlind(first)) && !free;
            if (free || takes || !settings.keeps(Rule.ASK_WHO_OWNS)) {
                return Mono.empty();
            }
            return pause.of(watchNanos()).then(again(null));
        });
    }

    /**
     * Looks again; errors with EBUSY if another owner has come or moved, unless the legs are taken from it.
     *
     * @param mine the start's own mark; null before that is written
     */
    Mono<Void> again(@Nullable OwnerMark mine) {
        return Mono.defer(() -> marks.read(devices)).flatMap(now -> compared(now, mine));
    }

    private Mono<Void> compared(List<Sight> again, @Nullable OwnerMark mine) {
        for (int i = 0; i < devices.size(); i++) {
            Sight now = again.get(i);
            boolean known = mine == null ? takes && takeover.isFrom(now) : now.isBy(mine);
            if (!known && !now.equals(seen.get(i)) && now.kind() != Sight.Kind.UNREADABLE) {
                takeover.refused(now, seen.get(i));
                return Mono.error(ClaimRefusal.taken(devices.get(i), now));
            }
        }
        seen = Sight.newest(seen, again);
        return Mono.empty();
    }

    /** Refuses the start for what was seen on a leg. */
    <T> Mono<T> refused(BlockDevice leg, Sight sight) {
        takeover.refused(sight);
        return Mono.error(ClaimRefusal.taken(leg, sight));
    }

    /**
     * What a first mark promises. It may be the only one that tells others how long an owner may act whose mark it overwrites; so they wait for
     * that one, too.
     */
    OwnerTerms terms() {
        return takes ? longest() : settings.ownerTerms();
    }

    /** Whether a mark on these legs may overwrite that of an owner that may still act: the legs are taken from it, or too few could be read. */
    boolean overwrites(ClaimLegs legs) {
        List<BlockDevice> read = IntStream.range(0, seen.size())
                .filter(i -> seen.get(i).kind() != Sight.Kind.UNREADABLE)
                .mapToObj(devices::get)
                .toList();
        return takes || !legs.suffice(read);
    }

    /** The highest number of beats that was seen. */
    long beats() {
        return Sight.beats(seen);
    }

    /** How long it takes until no owner that was seen acts any more, unless its mark has moved. */
    long watchNanos() {
        return longest().watchNanos();
    }

    private OwnerTerms longest() {
        return Sight.longest(seen, settings.ownerTerms());
    }
}
