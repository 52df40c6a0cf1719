package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Reason;
import io.dmio.Sectors;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.testkit.SimulatedDisk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A machine with a mirror that boots, crashes and boots again, with what was found to be there each time. */
abstract class SimulatedMachine {

    static final int DATA_SECTORS = 8 * 16;

    static final int LEG_SECTORS = DATA_SECTORS + LegLayout.METADATA_UNITS_MIN * LegLayout.UNIT_SECTORS;
    static final long SUPERBLOCKS = LegLayout.slotSector(LEG_SECTORS, 0);
    static final long OWNER_MARK = LegLayout.ownerSector(LEG_SECTORS);
    private static final long STEP_NANOS = 20_000;
    private static final UUID HERE = new UUID(1, 1);

    final long seed;
    final SplittableRandom random;
    final Set<Rule> broken;
    final Set<Danger> dangers;
    final int chunkSectors;
    final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    final SectorModel model;
    final List<SimulatedLeg> legs = new ArrayList<>(); // members, whether there or not
    final Set<SimulatedLeg> unsure = new LinkedHashSet<>(); // were coming or going, and nobody was told the end
    final List<String> trace = new ArrayList<>();
    final int legsMin;

    @Nullable
    MirrorDevice mirror;

    @Nullable
    Runnable starting;

    boolean isCut;
    boolean cutWanted;
    boolean calming;
    boolean isRotten; // bits of a disk were flipped since the last calm
    boolean givenUp; // a leg, for good, since the mirror ran last: a start says so
    long droppedNanos = Long.MIN_VALUE / 2;
    int boots;

    @Nullable
    MirrorStatus lastStatus; // at the last cut, kill or close

    String refused = ""; // the last start that was, in words: which leg, and what it is
    Optional<Reason> refusal = Optional.empty(); // why it was, if an operator may overrule that
    final WhatIf whatIf;
    private @Nullable String failure;
    private int disks;
    private int processes;

    SimulatedMachine(long seed, Set<Rule> broken) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
        this.broken = broken;
        this.dangers = Danger.of(seed);
        this.model = new SectorModel(DATA_SECTORS, dangers.contains(Danger.GARBAGE));
        this.chunkSectors = dangers.contains(Danger.SHORT_TRANSFERS) ? 16 : 8;
        boolean two = random.nextInt(6) == 0;
        this.whatIf = new WhatIf(this);
        this.legsMin = two || dangers.contains(Danger.OUTNUMBERED) ? 2 : 1;
    }

    /** The machine is down: whoever used it is gone. */
    abstract void forgetUsers();

    /** Whether something may be answered soon. */
    abstract boolean isBusy();

    /** The machine loses its power, here and now. */
    abstract void cut();

    MirrorOptions.Builder options() {
        return MirrorOptions.builder()
                .legsMin(legsMin)
                .legDeadline(Duration.ofMillis(60))
                .cleanAfter(Duration.ofMillis(20))
                .probeAfter(Duration.ofMillis(Danger.graceMillis(seed)), Duration.ofMillis(300))
                .readErrorsMax(5)
                .writeMostly(1)
                .stableMemory(isMemoryStable())
                .writeBehindSectors(seed % 3 == 0 ? 16 : 0)
                .clock(() -> clock)
                .settings(small -> {
                    small.chunkBytes = chunkSectors * Sectors.BYTES;
                    small.syncBytesInFlight = 0; // the least: others shall come between
                    small.pieceBytes = (dangers.contains(Danger.SHORT_TRANSFERS) ? 16 : 4) * Sectors.BYTES;
                    small.aheadBytes = streams() ? (int) (1 + seed % 4) * chunkSectors * Sectors.BYTES : 0;
                    small.aroundBytes = streams() ? (1 << seed / 4 % 3) * chunkSectors * Sectors.BYTES : 0;
                    small.ids = () -> new UUID(random.nextLong(), random.nextLong());
                    small.ownerMarks = Danger.hasOwners(dangers) && !Boolean.getBoolean("sim.unmarked");
                    small.ownerTerms = OwnerTerms.of(TimeUnit.MILLISECONDS.toNanos(100), 6);
                    small.host = here();
                    small.broken = broken;
                    small.made = crash -> starting = crash;
                });
    }

    // In half of the histories nobody knows whether a process is dead.
    private OwnerHost here() {
        return new OwnerHost("here", ++processes, HERE, process -> seed % 2 == 0);
    }

    /** Another machine each time. */
    final OwnerHost elsewhere() {
        return new OwnerHost("elsewhere", ++processes, new UUID(processes, 2), process -> true);
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
        SplittableRandom its = random.split();
        DeviceInfo info = SimulatedLeg.info("disk-" + disks++, LEG_SECTORS);
        if (dangers.contains(Danger.SHORT_TRANSFERS)) {
            info = info.withTransferBytesMax(random.nextBoolean() ? 4096 : 8192);
        }
        if (dangers.contains(Danger.FORGOTTEN) && random.nextBoolean()) {
            EnumSet<Capability> can = EnumSet.copyOf(info.capabilities());
            can.remove(Capability.FUA);
            info = info.withCapabilities(can);
        }
        return new SimulatedLeg(new SimulatedDisk(info, its, clock), clock, this::reaches);
    }

    /** Some sector of the bitmap or the superblocks. */
    final long metadataSector() {
        long drawn = random.nextInt(DATA_SECTORS, LEG_SECTORS - LegLayout.UNIT_SECTORS);
        return drawn < OWNER_MARK ? drawn : drawn + LegLayout.UNIT_SECTORS;
    }

    // An older superblock that is taken for the newest brings back what was removed, and forgets who went on without
    // whom.
    private void reaches(SimulatedLeg leg, BlockOp op) {
        require(!LegImages.isOutrun(leg.disk(), op), leg.disk() + " gets a superblock that is older than its own");
        if (op.sector() >= DATA_SECTORS && isCertain()) {
            whatIf.ask(op.sector() >= SUPERBLOCKS ? 8 : 60);
        }
        submitted(leg, op);
    }

    /** Whether it is known which disks are legs, and what all of them hold. */
    abstract boolean isCertain();

    /** An operation reaches a disk. */
    void submitted(SimulatedLeg leg, BlockOp op) {}

    static List<BlockDevice> devices(List<SimulatedLeg> from) {
        return from.stream().map(SimulatedLeg::device).toList();
    }

    void start(Mono<MirrorDevice> starting) {
        List<MirrorDevice> started = new ArrayList<>();
        List<Throwable> refused = new ArrayList<>();
        starting.subscribe(started::add, refused::add);
        for (int i = 0; i < 100 && started.isEmpty() && refused.isEmpty() && !isCut; i++) {
            pass(20_000_000);
        }
        starting = null;
        if (isCut) {
            say("cut while it starts");
        } else if (started.isEmpty()) {
            say("not started: " + refused);
            this.refused = "" + refused;
            refusal = refused.get(0) instanceof DeviceException known ? known.reason() : Optional.empty();
        } else {
            mirror = started.get(0);
            givenUp = false;
            listen(mirror);
            boots++;
        }
    }

    /** To what happens from now on. */
    final void listen(MirrorDevice started) {
        started.events(started.mirror().runtime().events().count()).subscribe(this::happened);
    }

    void happened(MirrorEvent event) {
        say("  event " + event.kind() + " " + event.message());
        if (event.kind() == MirrorEvent.Kind.LEG_FAILED || event.kind() == MirrorEvent.Kind.LEG_SET_ASIDE) {
            droppedNanos = clock.now(TimeUnit.NANOSECONDS);
        }
    }

    @Nullable
    MirrorStatus status() {
        List<MirrorStatus> now = new ArrayList<>();
        if (mirror != null) {
            mirror.status().subscribe(now::add);
        }
        return now.isEmpty() ? null : now.get(0);
    }

    /** What an operator knows of the mirror when it is gone. */
    final void noteStatus() {
        MirrorStatus last = status();
        lastStatus = last == null ? lastStatus : last;
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
                        .anyMatch(one -> one.name().equals(leg.disk().info().name()) && isIn(one));
    }

    static boolean isIn(LegStatus leg) {
        return leg.state() == LegState.IN_SYNC || leg.state() == LegState.SYNCING;
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
                        .sorted(Comparator.<LegStatus, Boolean>comparing(one -> !isIn(one)) // a copy of a leg
                                .thenComparing(one -> one.state() == LegState.MISSING)) // may have had its place
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
            if (cutWanted && !isCut) {
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
