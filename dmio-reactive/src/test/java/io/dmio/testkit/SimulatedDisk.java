package io.dmio.testkit;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.DeviceGate;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.testkit.SimulatedDiskCache.Change;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * A disk for simulations, with a volatile cache and a power cord. One seed decides when each operation takes effect and when
 * it is answered, so that operations end in any order, and what a power cut leaves: each write that is not durable is kept,
 * lost or torn at a sector. With a virtual clock nothing else is random: same seed and same calls, same history.
 *
 * <p>A flush makes durable what was answered before it was submitted, and no more; a write with force unit access itself.
 * For errors, slowness, stalls, flipped bits and misdirection put a {@code FaultyDevice} on it, with the same clock. All of
 * its bytes are in memory, twice: made for 64 to 4096 sectors.
 *
 * <pre>
 *     submit ──random time──▶ effect ──random time──▶ answer
 *            reads do not see it     reads see it, a flush    a flush hardens it
 *            yet                     need not harden it
 * </pre>
 */
public final class SimulatedDisk implements BlockDevice {

    private static final int QUICK_NANOS = 100_000;
    private static final int SLOW_NANOS = 5_000_000; // one in eight, so that others overtake it

    private final DeviceInfo info;
    private final SplittableRandom random;
    private final Scheduler clock;
    private final SimulatedDiskCache cache;
    private final Set<InFlight> inFlight = new LinkedHashSet<>();
    private final SimulatedDiskLog log;
    private DeviceGate gate = new DeviceGate(() -> {});
    private boolean powered = true;
    private int submitted;

    /** One operation on its way, with its own reference to its memory. */
    private final class InFlight {
        private final int id = ++submitted;
        private final BlockOp op;
        private final ByteBuf memory;
        private final DeviceGate entered = gate;
        private final Sinks.Empty<Void> sink = Sinks.empty();
        private final List<Change> hardens; // by a flush
        private @Nullable Change change; // in the cache

        InFlight(BlockOp op, ByteBuf memory) {
            this.op = op;
            this.memory = memory;
            this.hardens = op.kind() == BlockOp.Kind.FLUSH ? cache.answeredChanges() : List.of();
        }

        void leave() {
            memory.release();
            entered.exit();
        }
    }

    /**
     * Creates a disk of zeroes that has power.
     *
     * @param info what the disk promises; its logical blocks may be larger than a sector, writes are torn at sectors all the same
     * @param random decides everything; not shared, {@link SplittableRandom#split} one off
     * @param clock gives time and the thread of answers: a {@code VirtualTimeScheduler}, or one real thread
     */
    public SimulatedDisk(DeviceInfo info, SplittableRandom random, Scheduler clock) {
        this.info = info;
        this.random = random;
        this.clock = clock;
        this.cache = new SimulatedDiskCache(info.sectorCount());
        this.log = new SimulatedDiskLog(info.name(), clock);
    }

    /**
     * Returns a disk with 512-byte blocks and all capabilities.
     *
     * @param name for messages and the log
     * @param sectors the disk's size
     * @param random as of the constructor
     * @param clock as of the constructor
     * @return a disk of zeroes that has power
     */
    public static SimulatedDisk of(String name, long sectors, SplittableRandom random, Scheduler clock) {
        DeviceInfo info = DeviceInfo.of(name, sectors, "simulated")
                .withCapabilities(
                        Set.of(Capability.FLUSH, Capability.FUA, Capability.DISCARD, Capability.WRITE_ZEROES));
        return new SimulatedDisk(info, random, clock);
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return Mono.defer(() -> start(op));
    }

    @Override
    public Mono<Void> close() {
        return Mono.defer(() -> {
            synchronized (this) {
                return gate.close();
            }
        });
    }

    /**
     * Cuts the power of the machine: whatever is in flight is never answered, and may or may not have reached the medium. Memory is given
     * back at once. Until {@link #powerOn} everything is refused with ESHUTDOWN.
     */
    public void cutPower() {
        lose().forEach(InFlight::leave);
    }

    /** Cuts the power of the disk alone: as {@link #cutPower}, but whatever is in flight fails with ESHUTDOWN. */
    public void unplug() {
        lose().forEach(io -> {
            io.leave();
            io.sink.tryEmitError(shutdown(io.op, "unplugged before it answered"));
        });
    }

    /** Restores the power, with what survived; opens a closed disk again. What was refused meanwhile stays refused. */
    public synchronized void powerOn() {
        log.add(() -> "power on");
        gate = new DeviceGate(() -> {});
        powered = true;
    }

    /**
     * Flips a bit of a sector at rest, for good.
     *
     * @param sector the sector
     * @param bit 0 to 4095
     */
    public synchronized void flip(long sector, int bit) {
        log.add(() -> "bit " + bit + " of sector " + sector + " flips");
        cache.flip(sector, bit);
    }

    /**
     * Puts another disk of the same size in the place of this one. Only while nothing is in flight.
     *
     * @param image what the other disk holds, durably: as many bytes as the disk has
     */
    public synchronized void exchange(byte[] image) {
        log.add(() -> "is another disk");
        cache.load(image);
    }

    /** Forgets what was answered and is not durable: no flush hardens it any more, as with pages that a kernel could not write back. */
    public synchronized void forgetUnflushed() {
        log.add(() -> "gives up what is not durable");
        cache.forget();
    }

    /** Returns a copy of what a read of that many sectors would see now, past the queue and the power. */
    public synchronized byte[] content(long sector, int count) {
        return cache.read(sector, count);
    }

    /** Returns a copy of all that would be there if the power went now; what would be kept is decided by {@code its}. */
    public synchronized byte[] contentIfCut(SplittableRandom its) {
        SimulatedDiskCache other = cache.copy();
        other.cut(onTheirWay(its), its);
        return other.durable(0, info.sectorCount());
    }

    /** Returns a copy of what would survive, in that many sectors, a cut that loses all it may. */
    public synchronized byte[] durable(long sector, int count) {
        return cache.durable(sector, count);
    }

    /** Returns how many operations wait for their answer now. */
    public synchronized int inFlightCount() {
        return inFlight.size();
    }

    /**
     * Returns what the disk was asked, what it answered, and what became of unflushed writes, each with the time in nanoseconds:
     * {@code 41 disk #3 write [8, 16) fua}. The text is for people; it may change.
     *
     * @return all so far
     */
    public synchronized List<String> log() {
        return log.words();
    }

    @Override
    public String toString() {
        return "SimulatedDisk[" + info.name() + ", " + info.sectorCount() + " sectors]";
    }

    private Mono<Void> start(BlockOp op) {
        ByteBuf memory = Operations.memoryOf(op).retain(); // throws if released; then nobody is inside
        Optional<DeviceException> refusal;
        synchronized (this) {
            if (!powered || !gate.enter()) {
                memory.release();
                return Mono.error(shutdown(op, ""));
            }
            InFlight io = new InFlight(op, memory);
            log.add(io.id, op);
            refusal = info.refusal(op);
            if (refusal.isEmpty()) {
                inFlight.add(io);
                clock.schedule(() -> takeEffect(io), nanos(), TimeUnit.NANOSECONDS);
                return io.sink.asMono();
            }
            io.leave();
        }
        return Mono.error(refusal.get());
    }

    private synchronized void takeEffect(InFlight io) {
        if (!inFlight.contains(io)) {
            return; // the power went first
        }
        log.add(io.id, "takes effect");
        if (io.op instanceof BlockOp.Read read) {
            cache.read(read.sector(), read.into());
        } else if (io.op.kind() == BlockOp.Kind.FLUSH) {
            cache.harden(io.hardens);
        } else {
            Change change = cache.change(io.id, io.op, random);
            cache.apply(change);
            if (io.op instanceof BlockOp.Write write && write.fua()) {
                cache.harden(List.of(change));
            }
            io.change = change;
        }
        clock.schedule(() -> answer(io), nanos(), TimeUnit.NANOSECONDS);
    }

    private void answer(InFlight io) {
        synchronized (this) {
            if (!inFlight.remove(io)) {
                return;
            }
            log.add(io.id, "answered");
            if (io.change != null) {
                cache.answered(io.change);
            }
        }
        io.leave();
        io.sink.tryEmitEmpty();
    }

    private synchronized List<InFlight> lose() {
        powered = false;
        List<InFlight> lost = List.copyOf(inFlight);
        List<String> fates = cache.cut(onTheirWay(random), random);
        log.add(() -> "power cut: " + fates);
        inFlight.clear();
        return lost;
    }

    // In the order in which they reach the medium, if they do.
    private List<Change> onTheirWay(SplittableRandom its) {
        List<Change> onTheirWay = new ArrayList<>();
        for (InFlight io : inFlight) {
            if (io.op.kind().changes() && io.change == null) {
                onTheirWay.add(cache.change(io.id, io.op, its));
            }
        }
        Collections.shuffle(onTheirWay, new Random(its.nextLong()));
        return onTheirWay;
    }

    private long nanos() {
        return random.nextInt(1, random.nextInt(8) == 0 ? SLOW_NANOS : QUICK_NANOS);
    }

    private DeviceException shutdown(BlockOp op, String detail) {
        return DeviceException.of(Errno.ESHUTDOWN, info.name(), op, detail);
    }
}
