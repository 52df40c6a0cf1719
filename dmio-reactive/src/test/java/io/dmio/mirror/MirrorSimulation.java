package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * A machine with a mirror, its disks and its users, under a virtual clock: one seed decides everything that happens, and a
 * model says what every sector may hold. After each step, and more so after each calm, crash and end, what must hold is
 * checked; the first thing that does not is an {@link AssertionError} with the whole history.
 */
final class MirrorSimulation {

    private static final int CHUNK_SECTORS = 8;
    private static final int CHUNKS = 16;
    private static final int DATA_SECTORS = CHUNK_SECTORS * CHUNKS;
    private static final int LEG_SECTORS = DATA_SECTORS + (Planes.COUNT + 2) * LegLayout.UNIT_SECTORS;
    private static final int IN_FLIGHT_MAX = 12;
    private static final long STEP_NANOS = 20_000;
    private static final Duration LONG = Duration.ofMinutes(30);

    private final long seed;
    private final SplittableRandom random;
    private final Set<Rule> broken;
    private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    private final SectorModel model = new SectorModel(DATA_SECTORS);
    private final List<SimulatedLeg> legs = new ArrayList<>(); // members, whether there or not
    private final List<Op> inFlight = new ArrayList<>();
    private final List<String> trace = new ArrayList<>();
    private final int legsMin;
    private @Nullable MirrorDevice mirror;
    private @Nullable String failure;
    private String refused = "";
    private boolean isCut;
    private boolean cutWanted;
    private boolean calming;
    private long droppedNanos = Long.MIN_VALUE / 2;
    private final Set<SimulatedLeg> unsure =
            new LinkedHashSet<>(); // were being added or removed, and nobody was told the end
    private int disks;
    private int contents;
    private int boots;

    MirrorSimulation(long seed, Set<Rule> broken) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
        this.broken = broken;
        this.legsMin = random.nextInt(6) == 0 ? 2 : 1;
    }

    /** One operation of a user. */
    private final class Op {
        private final BlockOp op;
        private final ByteBuf memory;
        private final List<Object> marks = model.mark();
        private final SectorModel.Reading reading;
        private final SectorModel.@Nullable Write write;
        private final List<SimulatedLeg> whole = wholeLegs();

        Op(BlockOp op, ByteBuf memory, SectorModel.@Nullable Write write) {
            this.op = op;
            this.memory = memory;
            this.write = write;
            this.reading = model.reading(op.sector(), op.kind() == BlockOp.Kind.READ ? op.sectorCount() : 0);
        }
    }

    /** Runs everything; throws if something does not hold. */
    void run() {
        try {
            begin();
            int steps = random.nextInt(20, 120);
            for (int step = 0; step < steps; step++) {
                step();
            }
            end();
        } catch (RuntimeException | AssertionError failure) {
            throw new AssertionError(
                    "seed " + seed + ", " + broken + ": " + failure + "\n" + String.join("\n", trace), failure);
        } finally {
            if (mirror != null) {
                mirror.mirror().abandon();
            }
            legs.forEach(leg -> {
                leg.heal();
                leg.powerCut();
            });
            inFlight.forEach(op -> op.memory.release());
            clock.dispose();
        }
    }

    private void begin() {
        int count = random.nextInt(1, 4) + (random.nextInt(3) == 0 ? 1 : 0);
        for (int i = 0; i < count; i++) {
            legs.add(newLeg());
        }
        say("create of " + count + " legs, legsMin " + legsMin);
        start(MirrorDevice.create(devices(legs), options().build()));
        require(mirror != null, "a mirror of good disks could not be made");
    }

    private void step() {
        if (isCut) {
            boot();
        }
        switch (random.nextInt(40)) {
            case 0 -> crash();
            case 1 -> trouble();
            case 2 -> unplug();
            case 3, 4 -> plug();
            case 5, 6 -> heal();
            case 7 -> calm();
            case 8 -> add();
            case 9 -> remove();
            case 10 -> scrub();
            case 11 -> reopen();
            case 12 -> control();
            case 13, 14, 15 -> flush();
            case 16, 17, 18, 19, 20 -> read();
            case 21, 22 -> zero();
            case 23, 24, 25, 26, 27, 28, 29, 30, 31, 32 -> write();
            default -> {}
        }
        pass(random.nextInt(4) == 0 ? random.nextInt(1, 200_000_000) : random.nextInt(1, 3_000_000));
    }

    private MirrorOptions.Builder options() {
        return MirrorOptions.builder()
                .tinyChunkBytes(CHUNK_SECTORS * Sectors.BYTES)
                .pieceBytes(4 * Sectors.BYTES)
                .legsMin(legsMin)
                .legDeadline(Duration.ofMillis(60))
                .cleanAfter(Duration.ofMillis(20))
                .probeAfter(Duration.ofMillis(10), Duration.ofMillis(300))
                .readErrorsMax(5)
                .writeMostly(1)
                .writeBehindSectors(seed % 3 == 0 ? 16 : 0)
                .clock(() -> clock)
                .ids(() -> new UUID(random.nextLong(), random.nextLong()))
                .broken(broken);
    }

    private SimulatedLeg newLeg() {
        return new SimulatedLeg("disk-" + disks++, LEG_SECTORS, random.split(), clock);
    }

    private static List<BlockDevice> devices(List<SimulatedLeg> from) {
        return from.stream().map(SimulatedLeg::device).toList();
    }

    private void start(Mono<MirrorDevice> starting) {
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

    private void happened(MirrorEvent event) {
        say("  event " + event.kind() + " " + event.message());
        if (event.kind() == MirrorEvent.Kind.LEG_FAILED || event.kind() == MirrorEvent.Kind.LEG_SET_ASIDE) {
            droppedNanos = clock.now(TimeUnit.NANOSECONDS);
        }
    }

    private void write() {
        if (mirror == null || inFlight.size() >= IN_FLIGHT_MAX) {
            return;
        }
        int sector = random.nextInt(DATA_SECTORS);
        int count = Math.min(DATA_SECTORS - sector, random.nextInt(1, random.nextInt(4) == 0 ? 24 : 6));
        boolean forced = random.nextInt(5) == 0;
        int content = ++contents;
        byte[] bytes = new byte[count * Sectors.BYTES];
        for (int i = 0; i < count; i++) {
            SectorModel.fill(bytes, i * Sectors.BYTES, content, sector + i);
        }
        ByteBuf memory = Unpooled.directBuffer(bytes.length).writeBytes(bytes);
        submit(new BlockOp.Write(sector, memory, forced), memory, new SectorModel.Write(content, sector, count));
    }

    private void zero() {
        if (mirror == null || inFlight.size() >= IN_FLIGHT_MAX) {
            return;
        }
        int sector = random.nextInt(DATA_SECTORS);
        int count = Math.min(DATA_SECTORS - sector, random.nextInt(1, 20));
        BlockOp op = random.nextBoolean() ? new BlockOp.Discard(sector, count) : new BlockOp.WriteZeroes(sector, count);
        submit(op, Unpooled.EMPTY_BUFFER, new SectorModel.Write(SectorModel.ZEROES, sector, count));
    }

    private void flush() {
        if (mirror != null) {
            submit(new BlockOp.Flush(), Unpooled.EMPTY_BUFFER, null);
        }
    }

    private void read() {
        if (mirror == null || inFlight.size() >= IN_FLIGHT_MAX) {
            return;
        }
        int sector = random.nextInt(DATA_SECTORS);
        int count = Math.min(DATA_SECTORS - sector, random.nextInt(1, 24));
        ByteBuf memory = Unpooled.directBuffer(count * Sectors.BYTES);
        submit(new BlockOp.Read(sector, memory), memory, null);
    }

    private void submit(BlockOp op, ByteBuf memory, SectorModel.@Nullable Write write) {
        MirrorDevice to = mirror;
        if (to == null) {
            return;
        }
        Op one = new Op(op, memory, write);
        if (write != null) {
            model.begin(write);
            say("write " + write.content + " " + words(op));
        } else {
            say(words(op));
        }
        inFlight.add(one);
        to.submit(op).subscribe(never -> {}, failure -> answered(one, failure), () -> answered(one, null));
    }

    private void answered(Op one, @Nullable Throwable failure) {
        inFlight.remove(one);
        say("  answered " + (one.write == null ? "" : one.write.content + " ") + words(one.op)
                + (failure == null ? "" : " with " + failure.getMessage()));
        require(one.memory.refCnt() == 1, "memory is held after the answer: " + one.memory.refCnt());
        boolean good = failure == null;
        if (!good && legsMin == 1) {
            boolean excused = one.whole.stream().allMatch(SimulatedLeg::isTroubled);
            require(excused, "an operation failed though a leg that had everything was never in trouble");
        }
        if (one.write != null) {
            model.end(one.write, good, one.op instanceof BlockOp.Write write && write.fua());
        } else if (good && one.op.kind() == BlockOp.Kind.FLUSH) {
            model.flushed(one.marks);
        } else if (good) {
            byte[] bytes = new byte[one.memory.capacity()];
            one.memory.getBytes(0, bytes);
            check(one.reading, bytes);
        }
        one.memory.release();
        maybeCut();
    }

    /** Legs that have everything, and nothing was done to them: as long as there is one, operations succeed. */
    private List<SimulatedLeg> wholeLegs() {
        MirrorStatus status = status();
        List<String> inSync = status == null
                ? List.of()
                : status.legs().stream()
                        .filter(leg -> leg.state() == LegState.IN_SYNC && leg.lagSectors() == 0)
                        .map(LegStatus::name)
                        .toList();
        return legs.stream()
                .filter(leg ->
                        !leg.isTroubled() && inSync.contains(leg.disk().info().name()))
                .toList();
    }

    private void trouble() {
        SimulatedLeg leg = any();
        say("trouble on " + leg.disk() + ": " + leg.fail(random));
    }

    private void heal() {
        SimulatedLeg leg = any();
        say("heal " + leg.disk());
        leg.heal();
    }

    /**
     * A disk loses its power alone, and its cache. Only if another one has everything and is up, and only until that is
     * noticed: nobody could save what a mirror's last disk forgets unseen.
     */
    private void unplug() {
        SimulatedLeg leg = any();
        boolean othersUp = legs.stream().filter(other -> other != leg).allMatch(SimulatedLeg::isUp);
        if (!leg.isPlugged() || !othersUp || (mirror != null && !anotherHasEverything(leg))) {
            return;
        }
        say("unplug " + leg.disk());
        leg.unplug();
        flush();
        for (int i = 0; i < 100 && takesPart(leg); i++) {
            pass(10_000_000);
        }
    }

    private boolean anotherHasEverything(SimulatedLeg leg) {
        MirrorStatus status = status();
        return status != null
                && status.legs().stream()
                        .anyMatch(one -> one.state() == LegState.IN_SYNC
                                && one.lagSectors() == 0
                                && !one.name().equals(leg.disk().info().name()));
    }

    private boolean takesPart(SimulatedLeg leg) {
        MirrorStatus status = status();
        return status != null
                && status.legs().stream()
                        .anyMatch(one -> one.name().equals(leg.disk().info().name())
                                && (one.state() == LegState.IN_SYNC || one.state() == LegState.SYNCING));
    }

    private void plug() {
        for (SimulatedLeg leg : legs) {
            if (!leg.isPlugged() && !takesPart(leg)) {
                say("plug " + leg.disk());
                leg.plug();
                return;
            }
        }
    }

    private void control() {
        if (mirror != null) {
            switch (random.nextInt(4)) {
                case 0 -> mirror.pause();
                case 1 -> mirror.limit(random.nextInt(1, 1 << 20));
                default -> mirror.resume();
            }
        }
    }

    private void add() {
        MirrorDevice to = mirror;
        if (to == null || legs.size() >= 5) {
            return;
        }
        SimulatedLeg leg = newLeg();
        say("add " + leg.disk());
        List<Object> told = new ArrayList<>();
        to.add(leg.device()).subscribe(told::add, told::add);
        for (int i = 0; i < 200 && told.isEmpty(); i++) {
            pass(20_000_000);
        }
        say("  added " + told);
        if (isCut || indexOf(leg) != null) {
            legs.add(leg);
        }
        if (told.isEmpty()) {
            unsure.add(leg);
        }
    }

    private void remove() {
        MirrorDevice from = mirror;
        if (from == null || legs.size() < 3) {
            return;
        }
        SimulatedLeg leg = any();
        Integer index = indexOf(leg);
        if (index == null) {
            return;
        }
        say("remove " + leg.disk());
        leg.disturb();
        List<String> told = new ArrayList<>();
        from.remove(index).subscribe(never -> {}, failure -> told.add("" + failure), () -> told.add("done"));
        for (int i = 0; i < 200 && told.isEmpty(); i++) {
            pass(20_000_000);
        }
        say("  removed " + told);
        if (told.contains("done")) {
            legs.remove(leg);
            leg.heal();
        } else {
            unsure.add(leg);
        }
    }

    // A crash in the middle of an add or a remove leaves a leg in or out, and a start says which.
    private void openWithoutStrangers() {
        open(legs);
        for (int i = 0; i < unsure.size() && mirror == null; i++) {
            if (unsure.stream()
                    .anyMatch(leg -> refused.contains(leg.disk().info().name() + ": carries no mirror")
                            || refused.contains(leg.disk().info().name() + ": was removed"))) {
                legs.removeIf(leg -> refused.contains(leg.disk().info().name() + ": "));
                open(legs);
            }
        }
    }

    private @Nullable Integer indexOf(SimulatedLeg leg) {
        MirrorStatus status = status();
        return status == null
                ? null
                : status.legs().stream()
                        .filter(one -> one.name().equals(leg.disk().info().name()))
                        .map(LegStatus::index)
                        .findFirst()
                        .orElse(null);
    }

    private void scrub() {
        if (mirror != null) {
            say("scrub");
            mirror.scrub(random.nextBoolean() ? ScrubMode.CHECK : ScrubMode.REPAIR)
                    .subscribe(
                            report -> require(
                                    report.sectorsDifferent() == 0, "a scrub found legs that differ: " + report),
                            busy -> {});
        }
    }

    /** Everything is up again: after a while, everything is in sync, and nothing hangs. */
    private void calm() {
        if (isCut) {
            boot();
        }
        say("calm");
        calming = true;
        cutWanted = false;
        legs.forEach(SimulatedLeg::heal);
        for (SimulatedLeg leg : legs) {
            if (!leg.isPlugged()) {
                leg.plug();
            }
        }
        if (mirror == null) {
            openWithoutStrangers();
            require(mirror != null, "the mirror does not start with all of its legs");
        }
        addMissing();
        mirror.resume();
        mirror.limit(Long.MAX_VALUE);
        for (int i = 0; i < 60 && !(isInSync() && inFlight.isEmpty()); i++) {
            pass(TimeUnit.SECONDS.toNanos(1));
        }
        unsure.stream().filter(leg -> indexOf(leg) == null).forEach(legs::remove);
        require(inFlight.isEmpty(), inFlight.size() + " operations hang");
        require(isInSync(), "not in sync after a minute of calm: " + status());
        pass(TimeUnit.SECONDS.toNanos(1));
        MirrorStatus status = status();
        require(status != null && status.dirtyChunks() == 0, "dirty after a second of calm: " + status);
        require(mirror.mirror().heldCount() == 0, mirror.mirror().heldCount() + " buffers are held");
        legsAreEqual();
        calming = false;
    }

    private boolean isInSync() {
        MirrorStatus status = status();
        return status != null && status.isInSync() && status.staleChunks() == 0;
    }

    private @Nullable MirrorStatus status() {
        List<MirrorStatus> now = new ArrayList<>();
        if (mirror != null) {
            mirror.status().subscribe(now::add);
        }
        return now.isEmpty() ? null : now.get(0);
    }

    /** Legs that were not there when the mirror was started. */
    private void addMissing() {
        MirrorDevice to = mirror;
        MirrorStatus status = status();
        if (to == null || status == null) {
            return;
        }
        for (LegStatus leg : status.legs()) {
            if (leg.state() == LegState.MISSING) {
                if (legs.stream()
                        .noneMatch(member -> member.disk().info().name().equals(leg.name()))) {
                    to.remove(leg.index()).subscribe(); // removed, but a crash came before that was on record
                    pass(1_000_000_000);
                }
                for (SimulatedLeg member : legs) {
                    if (member.disk().info().name().equals(leg.name())) {
                        List<Object> told = new ArrayList<>();
                        to.add(member.device()).subscribe(told::add, told::add);
                        for (int i = 0; i < 200 && told.isEmpty(); i++) {
                            pass(20_000_000);
                        }
                        say("  missing leg " + leg.name() + " added: " + told);
                        if (!told.contains(leg.index())) { // the slot of an add that a crash cut short
                            to.remove(leg.index()).subscribe();
                            pass(1_000_000_000);
                        }
                    }
                }
            }
        }
    }

    private void legsAreEqual() {
        byte[] first = legs.get(0).disk().content(0, DATA_SECTORS);
        for (SimulatedLeg leg : legs) {
            byte[] other = leg.disk().content(0, DATA_SECTORS);
            int at = Arrays.mismatch(first, other);
            require(
                    at < 0,
                    leg.disk() + " differs from " + legs.get(0).disk() + " at sector " + at / Sectors.BYTES
                            + " though all are in sync");
        }
        check(model.reading(0, DATA_SECTORS), first);
    }

    private void crash() {
        cut();
        boot();
    }

    /** The machine loses its power, here and now. */
    private void cut() {
        say("crash");
        MirrorDevice gone = mirror;
        mirror = null;
        if (gone != null) {
            gone.mirror().abandon();
        }
        legs.forEach(SimulatedLeg::powerCut);
        for (Op op : inFlight) {
            require(op.memory.refCnt() == 1, "memory is held after a crash");
            op.memory.release();
        }
        inFlight.clear();
        model.crashed();
        isCut = true;
    }

    private void boot() {
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

    /** The most dangerous moment: something was just acknowledged, above all if a leg was just dropped. */
    private void maybeCut() {
        boolean dropped = clock.now(TimeUnit.NANOSECONDS) - droppedNanos < 20_000_000;
        cutWanted |= mirror != null && !calming && random.nextInt(dropped ? 8 : 300) == 0;
    }

    private List<SimulatedLeg> shuffled(List<SimulatedLeg> from) {
        List<SimulatedLeg> left = new ArrayList<>(from);
        List<SimulatedLeg> mixed = new ArrayList<>();
        while (!left.isEmpty()) {
            mixed.add(left.remove(random.nextInt(left.size())));
        }
        return mixed;
    }

    private void open(List<SimulatedLeg> there) {
        say("open " + there.stream().map(SimulatedLeg::disk).toList());
        start(MirrorDevice.open(devices(there), options().build()));
        if (mirror != null) {
            readAll();
        }
    }

    /** After a start: what is there is what may be there, and stays. */
    private void readAll() {
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

    private void check(SectorModel.Reading reading, byte[] bytes) {
        String wrong = model.check(reading, bytes);
        require(wrong.isEmpty(), wrong);
    }

    private void reopen() {
        MirrorDevice closing = mirror;
        if (closing == null || random.nextInt(3) != 0 || !legs.stream().allMatch(SimulatedLeg::isUp)) {
            return;
        }
        say("close");
        List<Object> told = new ArrayList<>();
        closing.close().subscribe(never -> {}, told::add, () -> told.add("closed"));
        for (int i = 0; i < 600 && told.isEmpty(); i++) {
            pass(100_000_000);
        }
        if (isCut) {
            return;
        }
        require(told.equals(List.of("closed")), "close: " + told);
        require(inFlight.isEmpty(), "operations hang after close");
        mirror = null;
        legs.forEach(SimulatedLeg::boot);
        openWithoutStrangers();
        require(mirror != null, "not started after a close");
    }

    private void end() {
        calm();
        say("end after " + boots + " boots");
        calming = true;
        MirrorDevice last = mirror;
        mirror = null;
        List<Object> told = new ArrayList<>();
        if (last != null) {
            last.close().subscribe(never -> {}, told::add, () -> told.add("closed"));
        }
        pass(LONG.toNanos());
        require(told.equals(List.of("closed")), "close: " + told);
        for (SimulatedLeg leg : legs) {
            require(leg.disk().inFlightCount() == 0, leg.disk() + " still has operations in flight");
        }
        legsAreEqual();
    }

    private SimulatedLeg any() {
        return legs.get(random.nextInt(legs.size()));
    }

    private void pass(long nanos) {
        long end = clock.now(TimeUnit.NANOSECONDS) + nanos;
        while (clock.now(TimeUnit.NANOSECONDS) < end) {
            // In short steps while something may be answered, so that the power can go right after it was.
            long left = end - clock.now(TimeUnit.NANOSECONDS);
            clock.advanceTimeBy(Duration.ofNanos(inFlight.isEmpty() ? left : Math.min(left, STEP_NANOS)));
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
    private void require(boolean holds, String what) {
        if (!holds) {
            say("FAILED: " + what);
            failure = failure == null ? what : failure;
            throw new AssertionError(what);
        }
    }

    private void say(String what) {
        trace.add(clock.now(TimeUnit.MICROSECONDS) + " us: " + what);
    }

    private static String words(BlockOp op) {
        return op.kind() == BlockOp.Kind.FLUSH
                ? "flush"
                : op.kind().words() + " [" + op.sector() + ", " + (op.sector() + op.sectorCount()) + ")"
                        + (op instanceof BlockOp.Write write && write.fua() ? " fua" : "");
    }
}
