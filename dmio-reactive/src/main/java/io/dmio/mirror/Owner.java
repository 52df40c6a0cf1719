package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.MirrorEvent.Kind;
import io.dmio.mirror.disk.LegLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Keeps the legs the mirror's own while it runs. A beat after each interval reads the marks and writes the next ones.
 * While {@link Tenure} does not allow it, nothing is written to a leg and nothing is answered: that waits for the next
 * beat. If another's mark is found where this one's had to be, everything ends at once with an error that names the
 * other. Owned by the mailbox, except {@link #mayAct}, {@link #submit} and {@link #held}.
 */
final class Owner implements Ownership {

    private static final int LOOKS_AT_ONCE = 4;
    private static final int LOOKS_MAX = 3 * LOOKS_AT_ONCE;

    private final Legs legs;
    private final MirrorRuntime runtime;
    private final LongSupplier clock;
    private final OwnerListener listener;
    private final Claim claim;
    private final boolean off;
    private final MarkedLegs marked;
    private final Map<String, DeviceException> troubles = new HashMap<>(); // errors of failed beats, by their words
    private final List<Consumer<@Nullable DeviceException>> waiting = new ArrayList<>();
    private volatile @Nullable Tenure tenure;
    private @Nullable OwnerMark mark;
    private @Nullable MirrorOwner taker;
    private @Nullable Runnable closing;
    private boolean leaves; // a leg owes an answer: the mark stays open
    private boolean beating;
    private boolean again; // another beat was asked for while one was under way
    private int beats; // only the last of them sets the time of the next
    private int looksInVain;

    Owner(Legs legs, Claim claim, OwnerListener listener) {
        this.legs = legs;
        this.runtime = legs.runtime();
        this.listener = listener;
        this.claim = claim;
        this.clock = claim.clock();
        this.tenure = claim.tenure();
        this.mark = claim.mark();
        this.off = claim.mark() == null;
        this.marked = new MarkedLegs(legs);
    }

    @Override
    public boolean mayAct() {
        Tenure now = tenure;
        return now == null
                || now.mayAct(clock.getAsLong())
                || !runtime.options().keeps(Rule.ACT_AS_OWNER_ONLY);
    }

    @Override
    public Mono<Void> held() {
        return Mono.defer(() -> mayAct() ? Mono.empty() : runtime.inMailbox(sink -> answer(null, Caller.into(sink))));
    }

    @Override
    public void answer(@Nullable DeviceException problem, Consumer<@Nullable DeviceException> told) {
        DeviceException gone = runtime.lost();
        if (gone != null) {
            told.accept(gone);
        } else if (problem != null || mayAct()) {
            told.accept(problem);
        } else {
            waiting.add(told);
            beat();
        }
    }

    @Override
    public boolean caused(DeviceException why) {
        return troubles.containsValue(why) || why.equals(runtime.lost());
    }

    /** Returns who has the mirror: this process, or whoever took it; empty if marks are off. */
    Optional<MirrorOwner> owner() {
        OwnerMark mine = mark;
        return taker != null ? Optional.of(taker) : Optional.ofNullable(mine).map(OwnerMark::owner);
    }

    /** Whether a leg has its owner's mark; before that nobody may depend on this leg alone. */
    boolean isMarked(Leg leg) {
        return off || marked.has(leg);
    }

    /** Begins to beat. */
    void begin() {
        if (!off) {
            legs.roster().present().stream()
                    .filter(leg -> claim.isMarked(leg.device))
                    .forEach(marked::add);
            beat();
        }
    }

    /** Calls back when a leg that is about to come in has its owner's mark: only then may others depend on it, or start with it. */
    void mark(Leg leg, Consumer<@Nullable DeviceException> told) {
        if (isMarked(leg)) {
            told.accept(null);
        } else {
            marked.await(leg, told);
            again = beating;
            beat();
        }
    }

    /** Lets no leg come in any more. */
    void stop() {
        marked.stop(DeviceException.of(Errno.ESHUTDOWN, runtime.name(), "is closed"));
    }

    /** Lets the legs go if they are still this owner's: by a mark that says so if no leg owes an answer, otherwise as in a crash. */
    void close(boolean idle, Runnable closed) {
        leaves = !idle;
        if (off || runtime.lost() != null || (leaves && !beating)) {
            closed.run();
            return;
        }
        closing = closed;
        again = beating && idle;
        beat();
    }

    Claim claim() {
        return claim;
    }

    boolean isMine(Sight sight) {
        OwnerMark mine = mark;
        return mine != null && sight.isBy(mine);
    }

    private void beat() {
        if (!beating && runtime.lost() == null && !off) {
            beating = true;
            again = false;
            beats++;
            new Beat().start();
        }
    }

    private void ended(@Nullable DeviceException problem) {
        beating = false;
        Runnable then = closing;
        if (then != null && (!again || problem != null)) {
            closing = null;
            tellWaiting(problem);
            then.run();
            return;
        }
        if (problem != null || mayAct()) {
            tellWaiting(problem);
        }
        marked.look();
        Tenure now = tenure;
        if (again) {
            beat();
        } else if (now != null && runtime.lost() == null && !beating) {
            int last = beats;
            long least = problem == null ? 1 : now.terms().beatNanos(); // a leg may fail at once
            runtime.after(Math.max(now.pauseNanos(clock.getAsLong()), least), TimeUnit.NANOSECONDS, () -> {
                if (last == beats) {
                    beat();
                }
            });
        }
    }

    private void tellWaiting(@Nullable DeviceException problem) {
        List<Consumer<@Nullable DeviceException>> all = List.copyOf(waiting);
        waiting.clear();
        all.forEach(one -> runtime.tell(() -> answer(problem, one)));
    }

    private void lose(Leg leg, Sight seen) {
        OwnerMark to = Objects.requireNonNull(seen.mark());
        taker = to.owner();
        lose(to.refusal(leg.name()), "the mirror was taken by " + to.owner().words());
    }

    private void lose(DeviceException gone, String why) {
        runtime.lose(gone);
        tenure = now().seesOther();
        runtime.happened(Kind.OWNER_LOST, LegLayout.NO_LEG, why + ": nothing more is written to its legs");
        listener.lost();
        marked.stop(gone);
        ended(gone);
    }

    private Tenure now() {
        return Objects.requireNonNull(tenure, "marks are off");
    }

    /** One beat: reads all marks and, if they are as they have to be, writes the next ones. */
    private final class Beat {
        private final OwnerRound looks = new OwnerRound(legs, marked, this::looked);
        private final OwnerRound writes = new OwnerRound(legs, marked, this::written);
        private final long readNanos = clock.getAsLong();
        private List<Leg> asked = List.of();

        void start() {
            looks.read(marked.legs());
        }

        private void looked() {
            OwnerMark mine = mark;
            if (mine == null || runtime.lost() != null) {
                return;
            }
            Optional<Leg> taken = marked.taken(looks, mine);
            if (taken.isPresent()) {
                lose(taken.get(), looks.sight(taken.get()));
                return;
            }
            asked = marked.mayGet(looks, mine, readNanos);
            if (now().isTooLate(readNanos, clock.getAsLong())) {
                again();
            } else if (!mayAct() && marked.areGone(looks)) {
                // Other legs may still show its mark: another owner that has not seen those may have given back this
                // one.
                lose(OwnerMark.gone(runtime.name()), "the owner's mark is gone from a leg");
            } else if (marked.suffice(marked.seen(looks, mine))) {
                tenure = now().confirmed(readNanos);
                write(mine);
            } else if (mayAct() && marked.suffice(marked.unclear(looks, mine))) {
                write(mine); // a write that failed may have left anything, and nobody is through with waiting
            } else {
                fails("the owner's mark cannot be read on its legs");
            }
        }

        // The owner was held up since it looked, so what it saw does not count.
        private void again() {
            looksInVain++;
            if (looksInVain == LOOKS_MAX) {
                lose(OwnerMark.heldUp(runtime.name()), "its legs are too slow to tell whether another has had it");
            } else if (looksInVain % LOOKS_AT_ONCE == 0) {
                fails("its legs are too slow to tell who the owner is");
            } else {
                beating = false;
                beat();
            }
        }

        private void write(OwnerMark mine) {
            Tenure before = now();
            boolean acts = before.mayAct(clock.getAsLong());
            if (before.isSettling(readNanos) || (closing != null && (leaves || !acts))) {
                ended(null); // a mark that settles is left alone, as is one that may be another's by now
                return;
            }
            OwnerMark next = closing != null ? mine.closed() : mine.next(acts);
            mark = next;
            writes.write(asked, next);
        }

        private void written() {
            List<Leg> good = asked.stream().filter(writes::isDone).toList();
            good.forEach(marked::add);
            OwnerMark mine = mark;
            if (!marked.suffice(good)) {
                fails("the owner's mark cannot be written to its legs");
            } else if (mine != null && !mine.owner().open()) {
                tenure = now().closed();
                ended(null);
            } else if (now().isTooLate(readNanos, clock.getAsLong())) {
                lose(OwnerMark.heldUp(runtime.name()), "it was held up for long while it wrote its owner's mark");
            } else {
                looksInVain = 0;
                tenure = now().beaten(readNanos, clock.getAsLong());
                if (marked.changed()) {
                    listener.marked();
                }
                ended(null);
            }
        }

        private void fails(String why) {
            ended(troubles.computeIfAbsent(why, text -> DeviceException.of(Errno.EIO, runtime.name(), text)));
        }
    }
}
