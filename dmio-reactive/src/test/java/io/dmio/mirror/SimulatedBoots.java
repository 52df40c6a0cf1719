package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** How the simulated machine goes down and comes up, and what its disks hold then. */
abstract class SimulatedBoots extends SimulatedMachine {

    // How starts refuse a leg that has left, or half of it.
    private static final List<String> STRANGE = List.of("carries no mirror", "was removed", "both superblocks");

    final List<SimulatedLeg> removed = new ArrayList<>(); // as a start said that they had been

    SimulatedBoots(long seed, Set<Rule> broken) {
        super(seed, broken);
    }

    void crash() {
        cut();
        boot();
    }

    @Override
    void cut() {
        say("crash");
        MirrorDevice gone = mirror;
        noteStatus();
        mirror = null;
        if (gone != null) {
            gone.mirror().abandon();
        }
        if (starting != null) {
            starting.run();
            starting = null;
        }
        legs.forEach(SimulatedLeg::powerCut);
        forgetUsers();
        model.crashed();
        isCut = true;
    }

    /**
     * The process is killed. What it had under way the disks do, and forget nothing; the machine goes on. A leg that holds
     * operations back by a fault forgets those.
     */
    void kill() {
        say("kill");
        noteStatus();
        if (mirror != null) {
            mirror.mirror().abandon();
        }
        mirror = null;
        legs.forEach(SimulatedLeg::cutCable);
        forgetUsers();
        model.killed();
        boolean wasCalm = calming;
        calming = true;
        for (int i = 0; i < 100 && legs.stream().anyMatch(leg -> leg.disk().inFlightCount() > 0); i++) {
            pass(1_000_000);
        }
        calming = wasCalm;
        boot();
    }

    /** Whether a start may do without legs that are there. */
    boolean mayLeaveOut() {
        return true;
    }

    void boot() {
        List<SimulatedLeg> there = new ArrayList<>(legs);
        if (mayLeaveOut() && random.nextInt(3) == 0) {
            there.removeIf(leg -> random.nextInt(3) == 0);
        }
        boot(there);
    }

    void boot(List<SimulatedLeg> some) {
        isCut = false;
        legs.forEach(SimulatedLeg::boot);
        List<SimulatedLeg> there = new ArrayList<>(some);
        there.removeIf(leg -> !leg.isPlugged());
        if (!there.isEmpty()) {
            open(shuffled(there));
            if (mirror == null && !isCut) {
                openWithoutStrange(there);
            }
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
        boolean degraded = givenUp && there.containsAll(legs);
        start(MirrorDevice.open(devices(there), options().degraded(degraded).build()));
        if (mirror != null) {
            readAll();
        }
    }

    // Disks that have become others, and are refused, are left out; the operator knows that they are the ones missing.
    private void openWithoutStrange(List<SimulatedLeg> there) {
        openWithout(there, this::isStrangeAndNamed);
    }

    private void openWithout(List<SimulatedLeg> there, Predicate<SimulatedLeg> mayGo) {
        List<SimulatedLeg> known = new ArrayList<>(there);
        boolean allThere = there.containsAll(legs); // else those that are left out may have gone on alone
        boolean degraded = false;
        while (mirror == null && !isCut && known.stream().anyMatch(mayGo)) {
            SimulatedLeg out = known.stream().filter(mayGo).findFirst().orElseThrow();
            known.remove(out);
            if (isStrangeAndNamed(out)) {
                degraded = allThere;
            } else {
                legs.remove(out);
                removed.add(out);
            }
            say("open without " + out.disk() + (degraded ? ", degraded" : ""));
            start(MirrorDevice.open(devices(known), options().degraded(degraded).build()));
            if (mirror != null) {
                readAll();
            }
        }
    }

    // Or a copy of it has become the leg that it was, and was removed.
    private boolean isStrangeAndNamed(SimulatedLeg leg) {
        String name = leg.disk().info().name();
        boolean lostItsPlace = refused.contains(name + ": was removed")
                || (refused.contains(name) && refused.contains("is the same leg as") && !tookPart(name));
        return leg.isStrange() ? refused.contains(name) : dangers.contains(Danger.ANOTHER_DISK) && lostItsPlace;
    }

    private boolean tookPart(String name) {
        MirrorStatus last = lastStatus;
        return last == null // then nobody knows which of the two it was
                || last.legs().stream().anyMatch(leg -> leg.name().equals(name) && isIn(leg));
    }

    // A crash in the middle of an add or a remove leaves a leg in or out, and a start says which.
    void openWithoutStrangers() {
        removed.clear();
        open(legs);
        openWithout(legs, leg -> isStrangeAndNamed(leg) || isUnsureAndNamed(leg));
    }

    /** Whether a start has said that one which was coming or going is none of the mirror's legs. */
    final boolean isUnsureAndNamed(SimulatedLeg leg) {
        String name = leg.disk().info().name();
        return unsure.contains(leg) && STRANGE.stream().anyMatch(why -> refused.contains(name + ": " + why));
    }

    /** Of those that were coming or going, who is no leg of the mirror is none of the simulation's either. */
    final void leaveOutWhoLeft() {
        unsure.stream().filter(leg -> indexOf(leg) == null).forEach(legs::remove);
    }

    // What operators are asked to decide. A leg was coming in when the power went, and the others miss it: they start
    // without. A drop was recorded on one leg only, before the others went on without it: one counts that was in sync
    // when the mirror ran last. If none was, and it is on no leg any more what each lacks, any of them counts, and what
    // it
    // holds is what is there.
    final void openAsTold() {
        boolean missing = !unsure.isEmpty() || legs.stream().anyMatch(SimulatedLeg::isStrange);
        boolean gone = mirror == null && missing && isRefusedAs(MirrorRefusal.LEG_MISSING);
        if (gone) {
            say("open degraded");
            start(MirrorDevice.open(devices(legs), options().degraded(true).build()));
        }
        if (mirror == null && isRefusedAs(MirrorRefusal.CONTENT_MISSING)) {
            legs.addAll(removed); // on record with one of them only: that one may have what the others lack
            removed.clear();
        }
        MirrorStatus last = lastStatus;
        boolean unclear = gone || isRefusedAs(MirrorRefusal.SPLIT_BRAIN) || isRefusedAs(MirrorRefusal.CONTENT_MISSING);
        if (mirror != null || last == null || !unclear) {
            return;
        }
        List<String> whole = last.legs().stream()
                .filter(leg -> leg.state() == LegState.IN_SYNC)
                .map(LegStatus::name)
                .toList();
        boolean none = whole.isEmpty() && isRefusedAs(MirrorRefusal.CONTENT_MISSING);
        for (int i = 0; i < legs.size() && mirror == null; i++) {
            List<SimulatedLeg> known =
                    legs.stream().filter(leg -> !leg.isStrange()).toList();
            int trusted = known.indexOf(legs.get(i));
            if (trusted >= 0
                    && (none || whole.contains(legs.get(i).disk().info().name()))) {
                say("open trusting " + legs.get(i).disk());
                start(MirrorDevice.open(devices(known), options().trust(trusted).build()));
                if (mirror == null && leavesOutOneThatIsNone()) {
                    i = -1;
                } else if (none) {
                    readAll(false);
                }
            }
        }
    }

    // Those that had left already, or one of two that are copies.
    private boolean leavesOutOneThatIsNone() {
        return legs.removeIf(this::isRefusedAsNone)
                || legs.stream()
                        .filter(this::isStrangeAndNamed)
                        .findFirst()
                        .map(legs::remove)
                        .orElse(false);
    }

    private boolean isRefusedAs(MirrorRefusal why) {
        return refusal.equals(Optional.of(why));
    }

    private boolean isRefusedAsNone(SimulatedLeg leg) {
        boolean removed = refused.contains(leg.disk().info().name() + ": was removed");
        return isUnsureAndNamed(leg) || (dangers.contains(Danger.ANOTHER_DISK) && removed);
    }

    /** After a start: what is there is what may be there, and stays. */
    void readAll() {
        readAll(true);
    }

    private void readAll(boolean isKnown) {
        int step = Math.min(DATA_SECTORS, transferSectors());
        for (int at = 0; at < DATA_SECTORS && mirror != null; at += step) {
            readAll(at, Math.min(step, DATA_SECTORS - at), isKnown);
        }
    }

    private void readAll(int sector, int count, boolean isKnown) {
        MirrorDevice from = mirror;
        ByteBuf memory = Unpooled.directBuffer(count * Sectors.BYTES);
        List<Object> told = new ArrayList<>();
        if (from != null) {
            from.submit(new BlockOp.Read(sector, memory)).subscribe(never -> {}, told::add, () -> told.add("done"));
        }
        for (int i = 0; i < 100 && told.isEmpty() && !isCut; i++) {
            pass(10_000_000);
        }
        boolean good = told.equals(List.of("done"));
        byte[] bytes = new byte[memory.capacity()];
        memory.getBytes(0, bytes);
        memory.release();
        say("  all read: " + told);
        if (good && !isCut) {
            if (isKnown) {
                check(model.reading(sector, count), bytes);
            }
            for (int i = 0; i < count; i++) {
                model.settle(sector + i, bytes, i * Sectors.BYTES);
            }
        }
    }

    /** How long one operation of a user may be. */
    final int transferSectors() {
        MirrorDevice to = mirror;
        return to == null ? 1 : to.info().transferBytesMax() / Sectors.BYTES;
    }

    void check(SectorModel.Reading reading, byte[] bytes) {
        String wrong = model.check(reading, bytes);
        require(wrong.isEmpty(), wrong);
    }

    // A leg that failed a flush and was the only one may never have made durable what it shows.
    final boolean isClean() {
        MirrorStatus status = status();
        return status != null && (status.dirtyChunks() == 0 || legs.size() == 1);
    }
}
