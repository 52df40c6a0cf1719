package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** What befalls the records of the simulated mirror: they fail on one leg, or the power goes while they are on their way. */
abstract class SimulatedRecords extends SimulatedChanges {

    private boolean cutIsNear;
    private boolean cutsWhenIn;
    private boolean changes; // a leg comes or goes

    SimulatedRecords(long seed, Set<Rule> broken) {
        super(seed, broken);
    }

    /** A leg's metadata cannot be written for a while; then it dies, or heals. */
    final void failedRecord() {
        switch (random.nextInt(24)) {
            case 0, 1 -> failRecordsOf(any(), random.nextInt(1, 60));
            case 2 -> {
                failedRecordOfAReturn();
                aftermath(any());
            }
            case 3, 4 -> any().heal();
            default -> {}
        }
    }

    // While one leg comes back, which may lack nothing, another cannot record it, and dies.
    private void failedRecordOfAReturn() {
        SimulatedLeg back = any();
        SimulatedLeg other = any();
        if (back != other) {
            beQuiet();
            drop(back);
            failRecordsOf(other, random.nextInt(1, 100));
            back.heal();
            pass(random.nextInt(1, 150_000_000));
        }
    }

    /** A return, a removal or an add, and perhaps the power goes in the middle of it. */
    final void cutInReturn() {
        if (random.nextInt(12) == 0) {
            SimulatedLeg back = any();
            beQuiet();
            drop(back);
            changes = !takesPart(back);
            back.heal();
            for (int i = 0; i < 12 && !isCut; i++) {
                write(random.nextInt(DATA_SECTORS), 1, false);
                pass(random.nextInt(1, 4_000_000));
            }
            if (isCut) {
                aftermath(back);
            }
        } else if (random.nextInt(3) == 0) {
            moreChanges();
        }
    }

    /**
     * A leg comes in while a stream is written, each write of which waits for a batch, or for one that was marked ahead of it; the
     * power goes when it is in, and perhaps no batch more has been written.
     */
    final void cutAfterReturn() {
        MirrorDevice in = mirror;
        if (in == null || legs.size() < 2 || !isInSync() || random.nextInt(8) != 0) {
            return;
        }
        SimulatedLeg back = any();
        drop(back);
        back.fail(Fault.errno(Errno.EIO)); // it stays out
        pass(TimeUnit.MILLISECONDS.toNanos(100)); // so that all is clean
        if (isCut || mirror != in || takesPart(back)) {
            return;
        }
        back.heal();
        cutsWhenIn = true;
        in.resync().subscribe(never -> {}, gone -> {});
        int at = random.nextInt(DATA_SECTORS / 2);
        for (int i = 0; i < 100 && !isCut && at < DATA_SECTORS - 4; i++) {
            int count = random.nextInt(1, 5);
            if (inFlight.size() < 10) {
                write(at, count, true);
                at += count;
            }
            pass(random.nextInt(1, 300_000));
        }
        cutsWhenIn = false;
        if (isCut) {
            boot(legs);
        }
    }

    /** All legs but one fail at the same moment, and have not on record of each other that they are out; later they start without it. */
    final void outnumbered() {
        MirrorDevice in = mirror;
        if (in == null || legs.size() < 3 || !isInSync() || random.nextInt(6) != 0) {
            return;
        }
        SimulatedLeg left = any();
        List<SimulatedLeg> others = legs.stream().filter(leg -> leg != left).toList();
        say("all fail but " + left.disk());
        others.forEach(leg -> leg.fail(Fault.errno(Errno.EIO)));
        writeSome();
        if (!isCut && random.nextInt(3) != 0) {
            add();
        }
        writeSome();
        if (!isCut) {
            cut();
        }
        boot(others);
        writeSome();
        if (!isCut) {
            cut();
        }
        boot(legs);
    }

    private void writeSome() {
        for (int i = 0; i < 3 && mirror != null && !isCut; i++) {
            write(random.nextInt(DATA_SECTORS), 1, true);
            pass(random.nextInt(1, 30_000_000));
        }
    }

    @Override
    final void happened(MirrorEvent event) {
        super.happened(event);
        cutWanted |= cutsWhenIn && !calming && event.kind() == MirrorEvent.Kind.LEG_JOINED;
    }

    // Nobody writes for a while, so that all is clean.
    private void beQuiet() {
        if (random.nextBoolean()) {
            pass(100_000_000);
        }
    }

    /** A leg is dropped as it fails a flush, and fails them until it is healed. */
    final void drop(SimulatedLeg leg) {
        say("flushes fail on " + leg.disk());
        leg.fail(Fault.errno(Errno.EIO).on(BlockOp.Kind.FLUSH));
        flush();
        pass(random.nextInt(1, 8_000_000));
    }

    // The others start without one that came back, or one alone, if they may, and go on; then all are there again.
    private void aftermath(SimulatedLeg back) {
        for (int i = random.nextInt(2); i < 2 && !isCut; i++) {
            write(random.nextInt(DATA_SECTORS), 1, true);
            pass(random.nextInt(1, 10_000_000));
        }
        if (!isCut) {
            cut();
        }
        for (int i = 0; i < 3 && mirror == null && mayLeaveOut(); i++) {
            List<SimulatedLeg> others = new ArrayList<>(legs);
            others.remove(back);
            boot(random.nextBoolean() ? others : List.of(any()));
        }
        for (int i = 0; i < 3 && mirror != null && !isCut; i++) {
            write(random.nextInt(DATA_SECTORS), 1, true);
            pass(random.nextInt(1, 10_000_000));
        }
        if (!isCut) {
            cut();
        }
        boot(legs);
    }

    private void failRecordsOf(SimulatedLeg leg, int millis) {
        boolean bitmap = random.nextInt(3) == 0;
        long first = bitmap ? DATA_SECTORS : SUPERBLOCKS;
        boolean dies = random.nextInt(3) != 0;
        say("records fail on " + leg.disk() + (bitmap ? ", the bitmap, too" : "") + (dies ? ", and it dies" : ""));
        leg.fail(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(first, LEG_SECTORS - first));
        int boot = boots;
        int legsBoot = leg.boots(); // a start that is under way has begun another one of those
        clock.schedule(
                () -> {
                    boolean same = boots == boot && leg.boots() == legsBoot;
                    if (same && !calming && dies) {
                        say("dies: " + leg.disk());
                        leg.fail(Fault.errno(Errno.EIO));
                    } else if (same) {
                        leg.heal();
                    }
                },
                millis,
                TimeUnit.MILLISECONDS);
    }

    final void moreChanges() {
        switch (random.nextInt(24)) {
            case 0 -> add();
            case 1 -> remove();
            case 2 -> split();
            case 3 -> replace();
            default -> {}
        }
    }

    @Override
    final void changing(SimulatedLeg leg) {
        changes = true;
        if (dangers.contains(Danger.FAILED_CHANGE) && random.nextInt(2) == 0) {
            SimulatedLeg other = any();
            if (other != leg) {
                failRecordsOf(other, random.nextInt(1, 200));
            }
        }
    }

    @Override
    final void givenBack(SimulatedLeg leg) {
        if (dangers.contains(Danger.FAILED_CHANGE) && !isCut && !othersLook()) {
            require(leg.disk().inFlightCount() == 0, leg.disk() + " was given back with operations in flight");
            long before = leg.submittedCount();
            pass(TimeUnit.SECONDS.toNanos(1));
            require(leg.submittedCount() == before, leg.disk() + " was given back, and is used still");
        }
    }

    /** Whether another machine may look at a leg that this one has given back. */
    abstract boolean othersLook();

    @Override
    final void refusedToLetGo(SimulatedLeg leg, boolean tookPart) {
        boolean good = leg.isUp() && leg.failures() == 0;
        if (dangers.contains(Danger.FAILED_CHANGE) && tookPart && !isCut && mirror != null && good) {
            require(takesPart(leg) || wasSlow(leg), leg.disk() + " could not be taken out, and takes no part any more");
        }
    }

    // What it was asked before it was healed may be late only now.
    private boolean wasSlow(SimulatedLeg leg) {
        MirrorStatus status = status();
        return leg.isTroubled()
                && status != null
                && status.legs().stream()
                        .anyMatch(one ->
                                one.name().equals(leg.disk().info().name()) && one.state() == LegState.SET_ASIDE);
    }

    @Override
    final void submitted(SimulatedLeg leg, BlockOp op) {
        boolean superblock = op.kind() == BlockOp.Kind.WRITE && op.sector() >= SUPERBLOCKS;
        if (dangers.contains(Danger.CUT_IN_RECORD)
                && superblock
                && !cutIsNear
                && !calming
                && random.nextInt(changes ? 2 : 30) == 0) {
            cutIsNear = true;
            clock.schedule(this::cutInRecord, random.nextInt(150_000), TimeUnit.NANOSECONDS);
        }
        changes &= !superblock;
    }

    private void cutInRecord() {
        cutIsNear = false;
        if (!calming && !isCut && (mirror != null || starting != null)) {
            say("a superblock was on its way");
            cut();
        }
    }
}
