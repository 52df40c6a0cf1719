package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Takes the legs for one start: where nobody else is there any more ({@link ClaimLooks}), it writes a mark of its own, which must still be
 * there after a while. {@link Tenure} decides what counts.
 */
final class Claim {

    private static final int LOOKS_MAX = 3;
    private static final int TRIES_MAX = 3;

    private final List<BlockDevice> devices;
    private final MirrorSettings settings;
    private final LongSupplier clock;
    private final OwnerMarks marks;
    private final Takeover takeover;
    private final ClaimLooks looks;
    private final ClaimPause stoppable;
    private ClaimPause pause;
    private ClaimLegs legs = ClaimLegs.NONE;
    private List<BlockDevice> marked = List.of();
    private @Nullable OwnerMark mark;
    private @Nullable Tenure tenure;
    private boolean fences; // an owner whose mark was, or may have been, overwritten may still act
    private boolean pending; // a mark is on its way, and may overwrite one
    private long readNanos; // when the look before the last mark began
    private boolean lapsed; // another owner may have had the legs since
    private int proofs; // how many had to begin anew

    /**
     * @param stop completes when nobody wants the start any more: it is refused then, unless it has the legs
     */
    Claim(List<BlockDevice> devices, MirrorSettings settings, Mono<Void> stop) {
        this(settings, new Takeover(settings.takeover()), new ClaimPause(devices, settings.clock(), stop));
    }

    private Claim(MirrorSettings settings, Takeover takeover, ClaimPause pause) {
        this.devices = pause.devices();
        this.stoppable = pause;
        this.pause = pause;
        this.settings = settings;
        this.clock = settings.ownerClock(settings.clock());
        this.marks = new OwnerMarks(clock);
        this.takeover = takeover;
        this.looks = new ClaimLooks(devices, settings, marks, takeover);
    }

    /** Whether a start that was refused may succeed by a claim that begins anew. */
    boolean mayTryAgain() {
        return takeover.mayTryAgain();
    }

    /** Returns that claim, after a pause that differs from one to the next: an owner that runs has a beat of its own. */
    Mono<Claim> again() {
        long bits = settings.newId().getLeastSignificantBits();
        return stoppable
                .of(Math.floorMod(bits, settings.ownerTerms().intervalNanos()))
                .map(passed -> new Claim(settings, takeover, stoppable));
    }

    /** Returns the mark that was written last, with what its owner promises from now on; null before the first, and if marks are off. */
    @Nullable
    OwnerMark mark() {
        OwnerMark last = mark;
        return last == null ? null : last.promising(settings.ownerTerms());
    }

    @Nullable
    Tenure tenure() {
        return tenure;
    }

    LongSupplier clock() {
        return clock;
    }

    /** How long any of the marks that were seen may have to be watched until it is known that its owner has gone. */
    long watchNanos() {
        return looks.watchNanos();
    }

    boolean isMarked(BlockDevice device) {
        return !settings.ownerMarks() || marked.contains(device);
    }

    /** Completes when nobody else has the legs; errors with EBUSY if somebody has. Writes nothing. */
    Mono<Void> look() {
        return settings.ownerMarks() ? looks.first(pause) : Mono.empty();
    }

    /**
     * Opens a mirror as its owner. What was read before that may be another owner's, and is read again.
     *
     * @param open reads everything, and refuses what cannot be started, without changing it
     */
    Mono<Assembly> owned(Supplier<Mono<Assembly>> open) {
        Mono<Assembly> opened = Mono.defer(open);
        return settings.ownerMarks()
                ? opened.flatMap(ready -> take(ready, legsOf(ready)))
                        .then(whileHeld(opened, TRIES_MAX))
                        .flatMap(this::onMarkedLegs)
                : opened;
    }

    // An owner that is to be ended looks at its own legs alone, and may have others by now than were read first.
    private Mono<Assembly> onMarkedLegs(Assembly ready) {
        ClaimLegs now = legsOf(ready);
        if (now.suffice(marked)) {
            return Mono.just(ready);
        }
        takeover.outrun();
        return Mono.error(ClaimRefusal.outrun(now.first()));
    }

    private ClaimLegs legsOf(Assembly ready) {
        return ClaimLegs.of(ready.membership(), ready.disks(), settings.isTrusting());
    }

    /** Reads, and reads again if the legs may have been another owner's meanwhile. */
    private <T> Mono<T> whileHeld(Mono<T> reading, int tries) {
        return Mono.defer(() -> {
                    lapsed = false;
                    Sinks.Empty<Void> read = Sinks.empty();
                    Mono<Boolean> beats = beatsUntil(read.asMono()).thenReturn(true);
                    return reading.doFinally(how -> read.emitEmpty(Sinks.EmitFailureHandler.FAIL_FAST))
                            .materialize()
                            .zipWith(beats, (what, beaten) -> what)
                            .<T>dematerialize();
                })
                .delayUntil(what -> held())
                .flatMap(what -> lapsed ? again(reading, tries) : Mono.just(what));
    }

    private Mono<Void> beatsUntil(Mono<Void> end) {
        return Flux.interval(Duration.ofNanos(settings.ownerTerms().leaseNanos() / 3), settings.clock())
                .onBackpressureDrop()
                .takeUntilOther(end)
                .concatMap(tick -> renewed(), 0)
                .then();
    }

    private <T> Mono<T> again(Mono<T> reading, int tries) {
        return tries > 1 ? whileHeld(reading, tries - 1) : Mono.error(ClaimRefusal.heldUp(legs.first()));
    }

    /** Takes the legs of a new mirror; where one may have another owner, which may have no other leg, all of them. Errors with EBUSY if two are one. */
    Mono<Void> takeNew(Assembly made) {
        ClaimLegs usual = legsOf(made);
        ClaimLegs each = usual.withoutSpare();
        return take(made, looks.overwrites(each) ? each : usual)
                .then(Mono.defer(() -> settings.ownerMarks() ? apart() : Mono.empty()));
    }

    private Mono<Void> apart() {
        ApartLegs all = new ApartLegs(marks, marked, current(mark));
        mark = all.last();
        return all.shown(held()).then(renewed());
    }

    /** Takes these legs; completes when they are this owner's. Errors with EBUSY if another one came first. */
    private Mono<Void> take(Assembly ready, ClaimLegs these) {
        if (!settings.ownerMarks()) {
            return Mono.empty();
        }
        legs = these;
        fences = looks.overwrites(these);
        OwnerMark mine = OwnerMark.first(ready.membership().mirror(), settings.host(), settings.newId(), looks.terms())
                .after(looks.beats());
        takeover.tries(mine);
        tenure = Tenure.taking(settings.ownerTerms());
        return begins(mine, LOOKS_MAX).doOnSuccess(taken -> pause = pause.toTheEnd());
    }

    /** Completes at once while the legs are this owner's, otherwise when they are so again. Errors with EBUSY if another owner came. */
    Mono<Void> held() {
        return Mono.defer(() -> mark == null || lasts() ? Mono.empty() : renewed());
    }

    // Long enough for an owner that begins to beat after a third of the lease, or at once.
    private boolean lasts() {
        return current().mayAct(clock.getAsLong() + settings.ownerTerms().leaseNanos() * 2 / 3);
    }

    // An owner that may still act has nothing to prove, so it need not be quick.
    private Mono<Void> renewed() {
        return Mono.defer(() -> begins(current(mark), current().mayAct(clock.getAsLong()) ? 1 : LOOKS_MAX));
    }

    /**
     * Lets go of the legs that are this owner's, as far as this claim got; never errors. Who comes next has to wait for an owner whose mark this
     * claim overwrote, or may have, as it was slow: then its own mark stays as it is.
     */
    Mono<Void> release() {
        return Mono.defer(() -> {
            OwnerMark last = mark();
            if (last == null || fences || (pending && isSlow(readNanos))) {
                return Mono.empty();
            }
            Mono<Void> closed = current().mayAct(clock.getAsLong())
                    ? marks.write(marked, last.closed()).then()
                    : marks.close(legs.asked(), last);
            return closed.onErrorComplete(DeviceException.class); // no memory: it stays open
        });
    }

    // Looks once more right before the first mark; an owner that is slow from that look on waits long.
    private Mono<Void> begins(OwnerMark before, int tries) {
        return Mono.defer(() -> {
            long read = clock.getAsLong();
            return looks.again(mark).then(pause.none()).then(Mono.defer(() -> {
                return isSlow(read) && tries > 1 ? begins(before, tries - 1) : write(before, read);
            }));
        });
    }

    private boolean isSlow(long read) {
        return clock.getAsLong() - read > settings.ownerTerms().quickNanos();
    }

    private Mono<Void> write(OwnerMark before, long read) {
        boolean sure = current().mayAct(clock.getAsLong());
        OwnerMark next = before.next(sure);
        boolean takes = mark == null && fences;
        mark = next; // a write that fails may have been done all the same
        readNanos = read;
        pending = !sure;
        return marks.write(legs.asked(), next).flatMap(good -> {
            pending = false;
            fences |= !sure && isSlow(read);
            marked = legs.asked(good);
            if (!legs.suffice(marked)) {
                return Mono.error(ClaimRefusal.unusable(legs.first(), "written to"));
            }
            long now = clock.getAsLong();
            Tenure last = current();
            Tenure beaten = last.beaten(read, now);
            tenure = takes ? beaten.notBefore(now + looks.watchNanos()) : beaten;
            lapsed |= last.state() == Tenure.State.HOLDING && beaten.state() == Tenure.State.PROVING;
            boolean holds = beaten.state() == Tenure.State.HOLDING;
            boolean again = holds ? !settings.ownerTerms().allows(now - read) : beaten.hasToProveMoreThan(last);
            proofs = holds && !again ? 0 : proofs + (again ? 1 : 0);
            if (proofs > TRIES_MAX) {
                return Mono.error(ClaimRefusal.slow(marks.slowest(legs.members()), now - read, proofs));
            }
            return !holds ? prove() : again ? renewed() : Mono.empty();
        });
    }

    private Mono<Void> prove() {
        return pause.of(current().pauseNanos(clock.getAsLong())).then(Mono.defer(() -> {
            long read = clock.getAsLong();
            return marks.read(marked).flatMap(now -> confirmed(read, now));
        }));
    }

    private Mono<Void> confirmed(long read, List<Sight> now) {
        OwnerMark mine = current(mark);
        List<BlockDevice> found = new ArrayList<>();
        for (int i = 0; i < now.size(); i++) {
            Sight sight = now.get(i);
            if (sight.isBy(mine)) {
                found.add(marked.get(i));
            } else if (sight.kind() != Sight.Kind.UNREADABLE) {
                tenure = current().seesOther();
                return looks.refused(marked.get(i), sight);
            }
        }
        marked = found;
        if (!legs.suffice(marked)) {
            return Mono.error(ClaimRefusal.unusable(legs.first(), "read back from"));
        }
        tenure = current().confirmed(read);
        fences &= current().state() != Tenure.State.HOLDING;
        if (current().isSettling(read)) {
            return prove();
        }
        return current().state() == Tenure.State.HOLDING && lasts() ? Mono.empty() : write(mine, read);
    }

    private Tenure current() {
        return current(tenure);
    }

    private static <T> T current(@Nullable T value) {
        return Objects.requireNonNull(value, "nothing is taken yet");
    }
}
