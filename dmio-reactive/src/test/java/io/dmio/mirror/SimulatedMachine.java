package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A machine with a mirror that boots, crashes and boots again, with what was found to be there each time. */
abstract class SimulatedMachine {

    static final int CHUNK_SECTORS = 8;
    static final int DATA_SECTORS = CHUNK_SECTORS * 16;

    static final int LEG_SECTORS = DATA_SECTORS + (Planes.COUNT + 2) * LegLayout.UNIT_SECTORS;
    private static final long STEP_NANOS = 20_000;

    // How starts refuse a leg that has left, or half of it.
    private static final List<String> STRANGE = List.of("carries no mirror", "was removed", "both superblocks");

    final long seed;
    final SplittableRandom random;
    final Set<Rule> broken;
    final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    final SectorModel model = new SectorModel(DATA_SECTORS);
    final List<SimulatedLeg> legs = new ArrayList<>(); // members, whether there or not
    final Set<SimulatedLeg> unsure = new LinkedHashSet<>(); // were coming or going, and nobody was told the end
    final List<String> trace = new ArrayList<>();
    final int legsMin;

    @Nullable
    MirrorDevice mirror;

    boolean isCut;
    boolean cutWanted;
    long droppedNanos = Long.MIN_VALUE / 2;
    int boots;

    @Nullable
    MirrorStatus lastStatus; // at the last cut

    String refused = "";
    private @Nullable String failure;
    private int disks;

    SimulatedMachine(long seed, Set<Rule> broken) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
        this.broken = broken;
        this.legsMin = random.nextInt(6) == 0 ? 2 : 1;
    }

    /** The machine is down: whoever used it is gone. */
    abstract void forgetUsers();

    /** Whether something may be answered soon. */
    abstract boolean isBusy();

    MirrorOptions.Builder options() {
        return MirrorOptions.builder()
                .legsMin(legsMin)
                .legDeadline(Duration.ofMillis(60))
                .cleanAfter(Duration.ofMillis(20))
                .probeAfter(Duration.ofMillis(10), Duration.ofMillis(300))
                .readErrorsMax(5)
                .writeMostly(1)
                .stableMemory(isMemoryStable())
                .writeBehindSectors(seed % 3 == 0 ? 16 : 0)
                .clock(() -> clock)
                .settings(small -> {
                    small.chunkBytes = CHUNK_SECTORS * Sectors.BYTES;
                    small.syncBytesInFlight = 0; // the least: others shall come between
                    small.pieceBytes = 4 * Sectors.BYTES;
                    small.aheadBytes = streams() ? (int) (1 + seed % 4) * CHUNK_SECTORS * Sectors.BYTES : 0;
                    small.ids = () -> new UUID(random.nextLong(), random.nextLong());
                    small.broken = broken;
                });
    }

    /** Whether users never touch memory again that they wrote from. */
    final boolean isMemoryStable() {
        return seed % 5 == 3 || seed % 11 == 5;
    }

    /** Whether users write streams, too: in some of the first million histories, and in all after them. */
    final boolean streams() {
        return seed % 7 == 2 || seed >= 1_000_000;
    }

    SimulatedLeg newLeg() {
        return new SimulatedLeg("disk-" + disks++, LEG_SECTORS, random.split(), clock);
    }

    static List<BlockDevice> devices(List<SimulatedLeg> from) {
        return from.stream().map(SimulatedLeg::device).toList();
    }

    void start(Mono<MirrorDevice> starting) {
        List<MirrorDevice> started = new ArrayList<>();
        List<Throwable> refused = new ArrayList<>();
        starting.subscribe(started::add, refused::add);
        for (int i = 0; i < 100 && started.isEmpty() && refused.isEmpty(); i++) {
            pass(20_000_000);
        }
        if (started.isEmpty()) {
            say("not started: " + refused);
            this.refused = "" + refused;
        } else {
            mirror = started.get(0);
            mirror.events().subscribe(this::happened);
            boots++;
        }
    }

    void happened(MirrorEvent event) {
        say("  event " + event.kind() + " " + event.message());
        if (event.kind() == MirrorEvent.Kind.LEG_FAILED || event.kind() == MirrorEvent.Kind.LEG_SET_ASIDE) {
            droppedNanos = clock.now(TimeUnit.NANOSECONDS);
        }
    }

    void crash() {
        cut();
        boot();
    }

    /** The machine loses its power, here and now. */
    void cut() {
        say("crash");
        MirrorDevice gone = mirror;
        MirrorStatus last = status();
        lastStatus = last == null ? lastStatus : last;
        mirror = null;
        if (gone != null) {
            gone.mirror().abandon();
        }
        legs.forEach(SimulatedLeg::powerCut);
        forgetUsers();
        model.crashed();
        isCut = true;
    }

    void boot() {
        isCut = false;
        legs.forEach(SimulatedLeg::boot);
        List<SimulatedLeg> there = new ArrayList<>(legs);
        if (random.nextInt(3) == 0) {
            there.removeIf(leg -> random.nextInt(3) == 0);
        }
        there.removeIf(leg -> !leg.isPlugged());
        if (!there.isEmpty()) {
            open(shuffled(there));
        }
    }

    List<SimulatedLeg> shuffled(List<SimulatedLeg> from) {
        List<SimulatedLeg> left = new ArrayList<>(from);
        List<SimulatedLeg> mixed = new ArrayList<>();
        while (!left.isEmpty()) {
            mixed.add(left.remove(random.nextInt(left.size())));
        }
        return mixed;
    }

    void open(List<SimulatedLeg> there) {
        say("open " + there.stream().map(SimulatedLeg::disk).toList());
        start(MirrorDevice.open(devices(there), options().build()));
        if (mirror != null) {
            readAll();
        }
    }

    // A crash in the middle of an add or a remove leaves a leg in or out, and a start says which.
    void openWithoutStrangers() {
        open(legs);
        for (int i = 0; i < unsure.size() && mirror == null; i++) {
            if (unsure.stream()
                    .flatMap(
                            leg -> STRANGE.stream().map(why -> leg.disk().info().name() + ": " + why))
                    .anyMatch(refused::contains)) {
                legs.removeIf(leg -> refused.contains(leg.disk().info().name() + ": "));
                open(legs);
            }
        }
    }

    /** After a start: what is there is what may be there, and stays. */
    void readAll() {
        MirrorDevice from = mirror;
        ByteBuf memory = Unpooled.directBuffer(DATA_SECTORS * Sectors.BYTES);
        List<Object> told = new ArrayList<>();
        if (from != null) {
            from.submit(new BlockOp.Read(0, memory)).subscribe(never -> {}, told::add, () -> told.add("done"));
        }
        for (int i = 0; i < 100 && told.isEmpty(); i++) {
            pass(10_000_000);
        }
        boolean good = told.equals(List.of("done"));
        byte[] bytes = new byte[memory.capacity()];
        memory.getBytes(0, bytes);
        memory.release();
        say("  all read: " + told);
        if (good) {
            check(model.reading(0, DATA_SECTORS), bytes);
            for (int i = 0; i < DATA_SECTORS; i++) {
                model.settle(i, bytes, i * Sectors.BYTES);
            }
        }
    }

    void check(SectorModel.Reading reading, byte[] bytes) {
        String wrong = model.check(reading, bytes);
        require(wrong.isEmpty(), wrong);
    }

    @Nullable
    MirrorStatus status() {
        List<MirrorStatus> now = new ArrayList<>();
        if (mirror != null) {
            mirror.status().subscribe(now::add);
        }
        return now.isEmpty() ? null : now.get(0);
    }

    boolean anotherHasEverything(SimulatedLeg leg) {
        MirrorStatus status = status();
        return status != null
                && status.legs().stream()
                        .anyMatch(one -> one.state() == LegState.IN_SYNC
                                && one.lagSectors() == 0
                                && !one.name().equals(leg.disk().info().name()));
    }

    boolean takesPart(SimulatedLeg leg) {
        MirrorStatus status = status();
        return status != null
                && status.legs().stream()
                        .anyMatch(one -> one.name().equals(leg.disk().info().name())
                                && (one.state() == LegState.IN_SYNC || one.state() == LegState.SYNCING));
    }

    boolean isInSync() {
        MirrorStatus status = status();
        return status != null && status.isInSync() && status.staleChunks() == 0;
    }

    @Nullable
    Integer indexOf(SimulatedLeg leg) {
        MirrorStatus status = status();
        return status == null
                ? null
                : status.legs().stream()
                        .filter(one -> one.name().equals(leg.disk().info().name()))
                        .map(LegStatus::index)
                        .findFirst()
                        .orElse(null);
    }

    void pass(long nanos) {
        long end = clock.now(TimeUnit.NANOSECONDS) + nanos;
        while (clock.now(TimeUnit.NANOSECONDS) < end) {
            // In short steps while something may be answered, so that the power can go right after it was.
            long left = end - clock.now(TimeUnit.NANOSECONDS);
            clock.advanceTimeBy(Duration.ofNanos(isBusy() ? Math.min(left, STEP_NANOS) : left));
            String first = failure;
            if (first != null) {
                throw new AssertionError(first);
            }
            if (cutWanted) {
                cutWanted = false;
                cut();
            }
        }
    }

    // Callbacks of a mirror must not throw, so what fails in one is thrown by the next step.
    void require(boolean holds, String what) {
        if (!holds) {
            say("FAILED: " + what);
            failure = failure == null ? what : failure;
            throw new AssertionError(what);
        }
    }

    void say(String what) {
        trace.add(clock.now(TimeUnit.MICROSECONDS) + " us: " + what);
    }
}
