package io.dmio.fuzz;

import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoRequest;
import io.dmio.PagePool;
import io.dmio.WriteOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * A client, some devices, and the calls that were made: what an input decides, and what is checked. Everything happens on one
 * thread, so the same input gives the same history.
 */
final class World {

    private static final int STEPS_MAX = 40;
    private static final int ANSWERS_MAX = 20_000;
    private static final Duration A_WHILE = Duration.ofSeconds(2);
    private static final int WAITERS_FEW = 3;
    private static final long POOL_BYTES_MAX = 256L << 20;
    private static final List<Throwable> FAULTS = new ArrayList<>();

    private final Draw draw;
    private final Clock clock = new Clock();
    private final Buffers buffers;
    private final List<Disk> disks;
    private final DmIo io;
    private final List<Call<?>> calls = new ArrayList<>();
    private final List<Deeds> deeds = new ArrayList<>();
    private final boolean fewMayWait;
    private int capacity;
    private boolean closed;
    private boolean shrunk;

    World(Draw draw) {
        FAULTS.clear();
        LeakCount.begin(draw.oneIn(2));
        this.draw = draw;
        this.buffers = new Buffers(draw);
        this.disks = Disks.any(draw, clock);
        this.fewMayWait = draw.oneIn(8);
        this.capacity = 1 + draw.below(5);
        this.io = DmIo.builder()
                .transferBytesMax(4096 * (1 + draw.below(4)))
                .waitersMax(fewMayWait ? draw.below(WAITERS_FEW) : 1000)
                .build()
                .get(capacity);
    }

    /** Does what the input says, and then lets everything end; what is found tells which calls there were. */
    void run() {
        try {
            callAndCheck();
        } catch (AssertionError found) {
            throw new AssertionError(found.getMessage() + "\nof the calls " + calls, found);
        }
    }

    private void callAndCheck() {
        for (int steps = 0; !draw.isUsedUp() && steps < STEPS_MAX; steps++) {
            Steps.one(this);
            throwFaults();
        }
        letAllEnd();
        VirtualTimeScheduler.get().advanceTimeBy(A_WHILE); // nobody looks at the clock any more
        throwFaults();
        if (io.budget().inUse() != 0 || io.budget().waiting() != 0) {
            fault(io.budget().inUse() + " pages are in use at the end, and "
                    + io.budget().waiting() + " wait");
        }
        calls.stream().filter(Call::isLeft).forEach(Call::drained);
        calls.forEach(Call::afterwards);
        disks.forEach(disk -> disk.check(clock.tick()));
        int lost = LeakCount.end();
        if (lost != 0) {
            fault(lost + " buffers were not released");
        }
        if (PagePool.shared().reservedBytes() > POOL_BYTES_MAX) {
            fault("the pool has grown to " + PagePool.shared().reservedBytes() + " bytes: something leaks");
        }
        throwFaults();
    }

    private void letAllEnd() {
        boolean more = true;
        for (int rounds = 0; more && rounds < ANSWERS_MAX; rounds++) {
            more = false;
            for (Disk disk : disks) {
                more |= disk.answer(draw);
            }
            for (int i = 0; i < calls.size(); i++) {
                more |= calls.get(i).isOpen() && calls.get(i).goOn();
            }
        }
        for (Call<?> call : calls) {
            if (call.isOpen()) {
                fault(call + " never ends");
            }
        }
    }

    Draw draw() {
        return draw;
    }

    Buffers buffers() {
        return buffers;
    }

    List<Disk> disks() {
        return disks;
    }

    DmIo io() {
        return io;
    }

    List<Call<?>> calls() {
        return calls;
    }

    int now() {
        return clock.tick();
    }

    void add(Call<?> call) {
        calls.add(call);
    }

    /** Whether nothing is in flight and nobody waits. */
    boolean isIdle() {
        return io.budget().inUse() == 0 && io.budget().waiting() == 0;
    }

    boolean isOpen() {
        return !closed && capacity > 0;
    }

    /** Whether pages were ever taken back. */
    boolean wasShrunk() {
        return shrunk;
    }

    void get(int pages) {
        io.get(pages);
        capacity += pages;
    }

    /** Whether there are so many to be put. */
    boolean put(int pages) {
        if (pages > capacity) {
            return false;
        }
        capacity -= pages;
        shrunk = true;
        return true;
    }

    void close() {
        closed = true;
        shrunk = true;
    }

    boolean isClosed() {
        return closed;
    }

    /** Whether an error is a refusal that was foreseen. */
    boolean refuses(Throwable failure, boolean accepted) {
        return accepted ? fewMayWait && Exceptions.isOverflow(failure) : failure instanceof IllegalStateException;
    }

    List<Place> places(int count) {
        List<Place> places = new ArrayList<>(count);
        boolean alike = draw.oneIn(2);
        for (int i = 0; i < count; i++) {
            Disk disk = disks.get(draw.below(disks.size()));
            int unit = draw.oneIn(4) ? 1 : 8; // mostly whole pages
            long sector = (long) draw.below(Disk.SECTORS / unit) * unit;
            long sectors = alike && i > 0 ? places.get(0).count() : (long) draw.below(25 / unit) * unit;
            places.add(new Place(disk, sector, sectors));
        }
        return places;
    }

    WriteOptions writeOptions() {
        int bits = draw.oneIn(2) ? draw.below(8) : 0;
        return new WriteOptions((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0);
    }

    ErrorBits sync(IoRequest request) {
        return switch (request.kind()) {
            case READ -> io.readSync(request.regions().get(0), request.memory().orElseThrow());
            case WRITE -> io.writeSync(request.regions(), request.memory().orElseThrow(), request.options());
            case FLUSH -> io.flushSync(request.regions());
            case DISCARD -> io.discardSync(request.regions());
            case WRITE_ZEROES -> io.writeZeroesSync(request.regions());
        };
    }

    void begin(Deeds some) {
        some.begin(clock.tick());
        deeds.add(some);
    }

    void end(Deeds some) {
        some.end(clock.tick());
    }

    boolean mayHaveFailed(Deeds some, Place place) {
        for (Disk.Failure failure : place.disk().failures()) {
            if (some.mayHaveMet(place, failure)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a device failed for this place, and for no other. */
    boolean mustHaveFailed(Deeds some, int region) {
        Place place = some.place(region);
        for (Disk.Failure failure : place.disk().failures()) {
            if (some.mayHaveMet(place, failure)) {
                int suspects = 0;
                for (Deeds other : deeds) {
                    suspects += other.suspects(place.disk(), failure);
                }
                if (suspects == 1) {
                    return true;
                }
            }
        }
        return false;
    }

    static void fault(String what) {
        fault(new AssertionError(what));
    }

    /** Noted, and thrown where nobody can swallow it. */
    static void fault(Throwable what) {
        FAULTS.add(what);
    }

    static <T> T known(@Nullable T value) {
        if (value == null) {
            throw new AssertionError("nothing where something must be");
        }
        return value;
    }

    private static void throwFaults() {
        if (!FAULTS.isEmpty()) {
            throw new AssertionError(FAULTS.get(0).getMessage(), FAULTS.get(0));
        }
    }
}
