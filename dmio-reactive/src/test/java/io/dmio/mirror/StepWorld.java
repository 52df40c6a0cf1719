package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.Sectors;
import io.dmio.mirror.disk.LegLayout;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * A machine of which each step is one operation of one disk, in the order they were submitted. While something is done to the mirror a
 * user overwrites sector by sector, by forced writes, and knows which were answered. Everything is the same each time, so what is done
 * can be done once for each of its steps, with something befalling the machine there.
 */
final class StepWorld implements AutoCloseable {

    static final int DATA = 64;
    static final int CHUNK = 8;
    static final int METADATA = LegLayout.METADATA_UNITS_MIN * LegLayout.UNIT_SECTORS;
    static final int LEG = DATA + METADATA;

    private static final UUID HERE = new UUID(1, 1);
    private static final Duration STEP = Duration.ofNanos(100_000);
    private static final Duration TICK = Duration.ofMillis(10);

    final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    final List<StepDisk> disks = new ArrayList<>();
    final StepModel model;
    final boolean marks;
    private final Deque<StepDisk.InFlight> queue = new ArrayDeque<>();
    private final List<StepDisk.InFlight> held = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(7);
    private final List<Runnable> crashes = new ArrayList<>();
    private @Nullable ByteBuf writing;
    private int steps;
    private boolean gone;
    private int allocations;

    @Nullable
    MirrorDevice mirror;

    boolean writes; // whether the user does
    IntConsumer beforeStep = step -> {};
    Predicate<StepDisk.InFlight> holds = op -> false;
    IntConsumer allocates = allocation -> {};
    Function<StepDisk.InFlight, @Nullable Errno> fails = op -> null;
    final List<Told> others = new ArrayList<>(); // who asked for something else

    StepWorld(StepModel model, boolean marks) {
        this.model = model;
        this.marks = marks;
    }

    /** A disk that holds this. */
    StepDisk disk(String name, byte[] image) {
        StepDisk disk = new StepDisk(this, name, image);
        disks.add(disk);
        return disk;
    }

    MirrorOptions.Builder options() {
        return MirrorOptions.builder()
                .clock(() -> clock)
                .cleanAfter(Duration.ofMillis(20))
                .probeAfter(Duration.ofMillis(20), Duration.ofMillis(300))
                .name("m")
                .settings(small -> {
                    small.chunkBytes = CHUNK * Sectors.BYTES;
                    small.syncBytesInFlight = 0;
                    small.pieceBytes = CHUNK / 2 * Sectors.BYTES;
                    small.ids = () -> new UUID(random.nextLong(), random.nextLong());
                    small.ownerMarks = marks;
                    small.ownerTerms = OwnerTerms.of(TimeUnit.MILLISECONDS.toNanos(100), 6);
                    small.host = new OwnerHost("here", 1, HERE, process -> true);
                    small.made = crashes::add;
                    small.allocates = () -> allocates.accept(++allocations);
                });
    }

    /** It is asked for; told when that is over. */
    Told ask(Mono<?> what) {
        Told told = new Told();
        told.subscription = what.subscribe(told.values::add, told.values::add, () -> told.values.add("done"));
        return told;
    }

    /** What somebody who asked was told. */
    static final class Told {
        final List<Object> values = new ArrayList<>();

        @Nullable
        Disposable subscription;

        boolean isOver() {
            return !values.isEmpty();
        }

        boolean isGood() {
            return isOver() && !(values.get(0) instanceof Throwable);
        }

        @Override
        public String toString() {
            return values.toString();
        }
    }

    MirrorDevice start(Mono<MirrorDevice> starting) {
        Told told = ask(starting);
        run(told::isOver, Duration.ofMinutes(5));
        if (told.isGood() && told.values.get(0) instanceof MirrorDevice started) {
            mirror = started;
            return started;
        }
        throw new AssertionError("not started: " + told);
    }

    void submitted(StepDisk.InFlight op) {
        queue.add(op);
    }

    int steps() {
        return steps;
    }

    int allocations() {
        return allocations;
    }

    /** Goes on until something holds, for so long at most, or until the machine is gone; tells whether it holds. */
    boolean run(BooleanSupplier until, Duration most) {
        long end = clock.now(TimeUnit.NANOSECONDS) + most.toNanos();
        for (int idle = 0; !gone && !until.getAsBoolean(); ) {
            if (clock.now(TimeUnit.NANOSECONDS) >= end) {
                return false;
            }
            write();
            idle = step() ? 0 : idle + 1;
            // A step takes a tenth of a millisecond; when there is none, longer and longer.
            clock.advanceTimeBy(idle == 0 ? STEP : TICK.multipliedBy(1 + Math.min(idle / 50, 100)));
        }
        return !gone;
    }

    void pass(Duration time) {
        run(() -> false, time);
    }

    /** Lets those go on that were held. */
    void release() {
        holds = op -> false;
        queue.addAll(held);
        held.clear();
    }

    private boolean step() {
        StepDisk.InFlight op = queue.poll();
        if (op == null || gone) {
            return false;
        }
        beforeStep.accept(++steps);
        if (gone) {
            return false;
        }
        Errno errno = fails.apply(op);
        if (holds.test(op)) {
            held.add(op);
        } else if (errno != null) {
            op.fail(errno);
        } else {
            op.run();
        }
        return true;
    }

    // One at a time, so that what a disk holds is what it held at one moment.
    private void write() {
        MirrorDevice to = mirror;
        if (!writes || to == null || writing != null) {
            return;
        }
        StepModel.Write write = model.next();
        ByteBuf memory = Unpooled.wrappedBuffer(StepModel.bytes(write.version(), write.sector()));
        writing = memory;
        to.submit(new BlockOp.Write(write.sector(), memory, true)).subscribe(never -> {}, failure -> written(), () -> {
            model.acknowledged(write);
            written();
        });
    }

    private void written() {
        writing = null;
    }

    boolean isGone() {
        return gone;
    }

    boolean isWriting() {
        return writing != null;
    }

    /** The machine goes, with what runs on it; tells what each disk holds then. */
    List<byte[]> goes(StepDisk.Loss loss, long seed) {
        gone = true;
        if (mirror != null) {
            mirror.mirror().abandon();
        }
        crashes.forEach(Runnable::run);
        SplittableRandom chance = new SplittableRandom(seed);
        List<byte[]> images = new ArrayList<>();
        disks.forEach(disk -> images.add(disk.gone(loss, chance)));
        disks.forEach(StepDisk::forget);
        queue.clear();
        held.clear();
        return images;
    }

    /** All of the mirror, sector by sector. */
    byte[] readAll(MirrorDevice from) {
        ByteBuf into = Unpooled.buffer((int) Sectors.toBytes(from.info().sectorCount()));
        Told told = ask(from.submit(new BlockOp.Read(0, into)));
        run(told::isOver, Duration.ofMinutes(1));
        if (!told.isGood()) {
            throw new AssertionError("cannot be read: " + told);
        }
        byte[] bytes = new byte[into.capacity()];
        into.getBytes(0, bytes);
        return bytes;
    }

    MirrorStatus status() {
        Told told = ask(Objects.requireNonNull(mirror).status());
        return (MirrorStatus) told.values.get(0);
    }

    /** Whether all legs that are there have everything. */
    boolean isInSync() {
        MirrorStatus status = status();
        return status.staleChunks() == 0
                && status.dirtyChunks() == 0
                && status.legs().stream().allMatch(leg -> leg.state() == LegState.IN_SYNC);
    }

    /** A blank disk. */
    static byte[] blank() {
        return new byte[LEG * Sectors.BYTES];
    }

    static List<BlockDevice> devices(List<StepDisk> from) {
        return List.copyOf(from);
    }

    @Override
    public void close() {
        if (!gone) {
            goes(StepDisk.Loss.KILLED, 0);
        }
        clock.dispose();
    }
}
