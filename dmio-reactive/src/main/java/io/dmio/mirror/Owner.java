package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceCall;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.MirrorEvent.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Keeps the mirror's legs its own while it runs: a beat after each interval, which reads the marks and writes the next ones. Nothing
 * is written to a leg, and nothing answered, while {@link Tenure} does not allow it: that waits for the next beat. When another's mark
 * is found where this one's had to be, everything ends at once with an error that names the other. Owned by the mailbox, but for
 * {@link #mayAct} and {@link #submit}.
 */
final class Owner {

    private static final int LOOKS_MAX = 3;

    private final Mirror mirror;
    private final LongSupplier clock;
    private final Claim claim;
    private final boolean off;
    private final Map<Leg, Integer> known = new HashMap<>(); // has a mark since it came in for the so-manieth time
    private final Strangers strangers;
    private List<Consumer<@Nullable DeviceException>> waiting = new ArrayList<>();
    private volatile @Nullable Tenure tenure;
    private volatile @Nullable DeviceException lost;
    private @Nullable OwnerMark mark;
    private @Nullable MirrorOwner taker;
    private @Nullable Runnable closing;
    private boolean beating;
    private int looksInVain;

    Owner(Mirror mirror, Claim claim) {
        this.mirror = mirror;
        this.claim = claim;
        this.clock = claim.clock();
        this.tenure = claim.tenure();
        this.mark = claim.mark();
        this.off = claim.mark() == null;
        this.strangers = new Strangers(mirror, mirror.options().ownerTerms());
    }

    /** From any thread: whether legs may be written to, and answers given, at this moment. */
    boolean mayAct() {
        Tenure now = tenure;
        return now == null || now.mayAct(clock.getAsLong()) || !mirror.options().keeps(Rule.ACT_AS_OWNER_ONLY);
    }

    /** From any thread: a change of a leg, now or when it is known again that the leg is this owner's. */
    Mono<Void> submit(BlockDevice device, BlockOp op) {
        if (mayAct()) {
            return DeviceCall.of(device, op);
        }
        return mirror.<Void>inMailbox(sink -> answer(null, Mirror.into(sink))).then(DeviceCall.of(device, op));
    }

    /** Tells how something ended, now or when it is known again that the legs are this owner's. */
    void answer(@Nullable DeviceException problem, Consumer<@Nullable DeviceException> told) {
        DeviceException gone = lost;
        if (gone != null) {
            told.accept(gone);
        } else if (problem != null || mayAct()) {
            told.accept(problem);
        } else {
            waiting.add(told);
            beat();
        }
    }

    /** The error of everything since another took the legs; null as long as nobody has. */
    @Nullable
    DeviceException lost() {
        return lost;
    }

    /** Who has the mirror: this process, or whoever took it; empty if marks are off. */
    Optional<MirrorOwner> owner() {
        OwnerMark mine = mark;
        return taker != null ? Optional.of(taker) : Optional.ofNullable(mine).map(OwnerMark::owner);
    }

    /** Whether a leg says who its owner is; before that nobody may depend on it alone. */
    boolean isMarked(Leg leg) {
        return off || Integer.valueOf(leg.joins).equals(known.get(leg));
    }

    /** Begins to beat. */
    void begin() {
        if (!off) {
            for (Leg leg : mirror.roster().present()) {
                if (claim.isMarked(leg.device)) {
                    known.put(leg, leg.joins);
                }
            }
            beat();
        }
    }

    /** Lets the legs go, by a mark that says so, if they are this owner's still; nothing is written afterwards. */
    void close(Runnable closed) {
        if (off || lost != null) {
            closed.run();
            return;
        }
        closing = closed;
        if (!beating) {
            beat();
        }
    }

    /** A leg that is no part of the mirror any more says nothing of its owner. */
    Mono<Void> forget(BlockDevice device) {
        return off ? Mono.empty() : OwnerMarks.erase(device);
    }

    private void beat() {
        if (!beating && lost == null && !off) {
            beating = true;
            new Beat().start();
        }
    }

    private void ended(@Nullable DeviceException problem) {
        beating = false;
        Runnable then = closing;
        if (then != null) {
            closing = null;
            tellWaiting(problem);
            then.run();
            return;
        }
        if (problem != null || mayAct()) {
            tellWaiting(problem);
        }
        Tenure now = tenure;
        if (now != null && lost == null) {
            mirror.after(Math.max(now.pauseNanos(clock.getAsLong()), 1), TimeUnit.NANOSECONDS, this::beat);
        }
    }

    private void tellWaiting(@Nullable DeviceException problem) {
        List<Consumer<@Nullable DeviceException>> all = waiting;
        waiting = new ArrayList<>();
        all.forEach(one -> mirror.tell(() -> answer(problem, one)));
    }

    private void lose(Leg leg, OwnerMark to) {
        taker = to.owner();
        lose(to.refusal(leg.name()), "the mirror was taken by " + to.owner().words());
    }

    private void lose(DeviceException gone, String why) {
        lost = gone;
        tenure = now().seesOther();
        mirror.happened(Kind.OWNER_LOST, MirrorOptions.NOBODY, why + ": nothing more is written to its legs");
        mirror.resync().stop();
        mirror.returns().stop();
        ended(gone);
    }

    private Tenure now() {
        Tenure now = tenure;
        if (now == null) {
            throw new IllegalStateException("marks are off");
        }
        return now;
    }

    /** One beat: all marks are read, and if they are as they have to be, the next ones are written. */
    private final class Beat {
        private final List<Leg> legs =
                mirror.roster().present().stream().filter(Leg::takesPart).toList();
        private final OwnerRound looks = new OwnerRound(mirror, this::looked);
        private final OwnerRound writes = new OwnerRound(mirror, this::written);
        private final long readNanos = clock.getAsLong();
        private List<Leg> asked = List.of();
        private long writtenNanos;

        void start() {
            looks.read(legs);
        }

        private void looked() {
            OwnerMark mine = mark;
            if (mine == null || lost != null) {
                return;
            }
            int seen = 0;
            asked = new ArrayList<>();
            for (Leg leg : legs) {
                Sight sight = looks.sight(leg);
                boolean isKnown = isMarked(leg);
                if (isKnown && sight.mark() != null && sight.isByAnother(mine) && takesPart(leg)) {
                    lose(leg, sight.mark());
                    return;
                }
                seen += isKnown && sight.isBy(mine) ? 1 : 0;
                if (takesPart(leg) && (isKnown || sight.isBy(mine) || strangers.isFree(leg, sight, readNanos))) {
                    asked.add(leg);
                }
            }
            if (now().isTooLate(readNanos, clock.getAsLong())) {
                again();
            } else if (covers(seen)) {
                tenure = now().confirmed(readNanos);
                write(mine);
            } else {
                ended(DeviceException.of(
                        Errno.EIO, mirror.name(), "the owner's mark cannot be read on its legs, or is gone there"));
            }
        }

        // It was held up since it looked: what it saw does not count.
        private void again() {
            if (looksInVain++ < LOOKS_MAX) {
                beating = false;
                beat();
            } else {
                looksInVain = 0;
                ended(DeviceException.of(Errno.EIO, mirror.name(), "its legs are too slow to tell who the owner is"));
            }
        }

        private void write(OwnerMark mine) {
            Tenure before = now();
            boolean acts = before.mayAct(clock.getAsLong());
            boolean waits = before.state() == Tenure.State.PROVING
                    && before.pauseNanos(clock.getAsLong()) < before.terms().intervalNanos();
            if (waits || (closing != null && !acts)) {
                ended(null); // a mark that settles is left alone, and one that may be another's by now, too
                return;
            }
            OwnerMark next = closing != null ? mine.closed() : mine.next(before.state() == Tenure.State.HOLDING);
            mark = next;
            writtenNanos = clock.getAsLong();
            writes.write(asked, next);
        }

        private void written() {
            int done = 0;
            boolean fresh = false;
            for (Leg leg : asked) {
                if (writes.isDone(leg)) {
                    fresh |= !isMarked(leg);
                    known.put(leg, leg.joins);
                    strangers.forget(leg);
                    done++;
                }
            }
            OwnerMark mine = mark;
            if (!covers(done)) {
                ended(DeviceException.of(Errno.EIO, mirror.name(), "the owner's mark cannot be written to its legs"));
            } else if (mine != null && !mine.owner().open()) {
                tenure = now().closed();
                ended(null);
            } else if (now().isTooLate(readNanos, clock.getAsLong())) {
                lose(
                        DeviceException.of(
                                Errno.EBUSY,
                                mirror.name(),
                                "was held up for long while it wrote its owner's mark, so that another may have had the mirror:"
                                        + " open it anew"),
                        "it was held up for long while it wrote its owner's mark");
            } else {
                looksInVain = 0;
                tenure = now().beaten(readNanos, writtenNanos, clock.getAsLong());
                if (fresh) {
                    mirror.resync().cleared(); // who has everything waits for that
                }
                ended(null);
            }
        }

        private boolean takesPart(Leg leg) {
            return leg.takesPart() && leg.equals(mirror.roster().leg(leg.index));
        }

        private boolean covers(int count) {
            Membership membership = mirror.roster().membership();
            int legsIn = Math.max(Integer.bitCount(membership.inMask()), 1);
            return count > 0 && legsIn - count <= Claim.spare(legsIn, membership.legsMin());
        }
    }
}
