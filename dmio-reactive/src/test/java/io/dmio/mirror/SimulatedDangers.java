package io.dmio.mirror;

import static java.util.Objects.requireNonNull;

import io.dmio.device.Fault;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What befalls the simulated machine in later histories: see {@link Danger}. */
abstract class SimulatedDangers extends SimulatedOwners {

    private final Map<SimulatedLeg, byte[]> copies = new HashMap<>(); // of some time ago

    SimulatedDangers(long seed, Set<Rule> broken) {
        super(seed, broken);
    }

    /** Perhaps one of them, between two other steps. */
    final void danger() {
        for (Danger danger : dangers) {
            if (mirror == null || isCut) {
                bootSomehow();
                return;
            }
            switch (danger) {
                case ANOTHER_DISK -> anotherDisk();
                case FAILED_RECORD -> failedRecord();
                case GARBAGE -> garbage();
                case UNREADABLE -> unreadable();
                case KILL -> killed();
                case LATE_WRITE -> lateWrites();
                case CUT_IN_RECORD -> cutInReturn();
                case FAILED_CHANGE -> moreChanges();
                case SECOND_OWNER -> secondOwner();
                case CUT_AFTER_RETURN -> cutAfterReturn();
                case FORGOTTEN -> forgetful();
                case OUTNUMBERED -> outnumbered();
                case SHORT_TRANSFERS -> {}
            }
        }
    }

    private void bootSomehow() {
        switch (random.nextInt(6)) {
            case 0 -> boot();
            case 1 -> {
                legs.forEach(SimulatedLeg::boot);
                isCut = false;
                openWithoutStrangers();
            }
            default -> {}
        }
    }

    @Override
    final boolean mayLeaveOut() {
        return legs.stream().noneMatch(SimulatedLeg::isStrange);
    }

    @Override
    final boolean isCertain() {
        boolean allTakePart = !dangers.contains(Danger.ANOTHER_DISK) // else a copy of one may have been left out
                || legs.stream().allMatch(leg -> indexOf(leg) != null);
        return mirror != null && !isRotten && unsure.isEmpty() && mayLeaveOut() && allTakePart && !othersLook();
    }

    private void anotherDisk() {
        SimulatedLeg leg = any();
        legs.stream().filter(this::isWhole).forEach(SimulatedLeg::isFamiliar);
        if (legs.stream().anyMatch(SimulatedLeg::isStrange)) {
            return; // one at a time, as somebody has to have it all
        }
        switch (random.nextInt(16)) {
            case 0 -> copies.put(leg, leg.disk().durable(0, LEG_SECTORS).clone());
            case 1, 2 -> {
                unplug();
                legs.stream()
                        .filter(one -> !one.isPlugged() && !takesPart(one) && anotherHasEverything(one))
                        .filter(this::isIdle) // what was held up on its way to the one disk must not reach the other
                        .findFirst()
                        .ifPresent(this::exchange);
                plug();
            }
            case 3 -> {
                if (isInSync() && anotherHasEverything(leg) && legs.stream().allMatch(SimulatedLeg::isUp)) {
                    say("the machine is off for a while");
                    cut();
                    if (isOfThePresent(leg, copies.get(leg))) {
                        copies.remove(leg); // nobody could tell it from what the leg may have been a moment ago
                    }
                    exchange(leg);
                    boot();
                }
            }
            default -> {}
        }
    }

    private boolean isIdle(SimulatedLeg leg) {
        return requireNonNull(mirror).mirror().roster().present().stream()
                .noneMatch(one -> one.name().equals(leg.disk().info().name()) && one.inFlight() > 0);
    }

    private void exchange(SimulatedLeg leg) {
        byte[] image = new byte[LEG_SECTORS * 512];
        String what = "blank";
        switch (random.nextInt(copies.containsKey(leg) ? 6 : 3)) {
            case 0 -> {}
            case 1 -> {
                byte[] other =
                        LegImages.foreignSuperblock(random, leg.disk().info().name(), chunkSectors);
                System.arraycopy(other, 0, image, (int) SUPERBLOCKS * 512, other.length);
                what = "of another mirror";
            }
            case 2 -> {
                image = any().disk().durable(0, LEG_SECTORS).clone();
                what = "a copy of another leg, perhaps";
            }
            default -> {
                image = copies.getOrDefault(leg, image);
                what = "as it was some time ago";
            }
        }
        say(leg.disk() + " is another disk now: " + what);
        leg.exchange(image);
    }

    // Of the newest batch, or beside a leg that is write-mostly, so that it may lag behind, of the one before.
    private boolean isOfThePresent(SimulatedLeg put, byte @Nullable [] copy) {
        MirrorStatus last = requireNonNull(lastStatus);
        UUID id = last.id();
        long newest = legs.stream()
                .mapToLong(leg -> LegImages.batch(id, leg.disk().durable(0, LEG_SECTORS), chunkSectors))
                .max()
                .orElseThrow();
        boolean besideMostly = last.legs().stream()
                .filter(leg -> !leg.name().equals(put.disk().info().name()))
                .allMatch(LegStatus::writeMostly);
        return copy != null && newest - LegImages.batch(id, copy, chunkSectors) <= (besideMostly ? 1 : 0);
    }

    private void garbage() {
        if (random.nextInt(10) == 0) {
            SimulatedLeg leg = any();
            say("bad sectors, and writes that leave garbage, on " + leg.disk());
            leg.fail(Fault.badSectors(random.nextInt(120), random.nextInt(1, 8)));
            leg.leaveGarbage(random);
        } else if (dangers.size() == 1 && random.nextInt(40) == 0) {
            garbageOnWhatCannotBeSpared();
        }
    }

    // The only leg that has everything cannot read a sector, and what heals it leaves garbage.
    private void garbageOnWhatCannotBeSpared() {
        MirrorDevice in = mirror;
        if (in == null || legs.size() != 2 || !isInSync() || !legs.stream().allMatch(SimulatedLeg::isUp)) {
            return;
        }
        SimulatedLeg whole = legs.get(random.nextInt(2));
        SimulatedLeg back = legs.get(whole == legs.get(0) ? 1 : 0);
        in.pause();
        drop(back);
        write(0, 1, false);
        pass(1_000_000);
        back.heal();
        pass(700_000_000);
        int sector = random.nextInt(chunkSectors, DATA_SECTORS);
        say("cannot read " + sector + ", and leaves garbage: " + whole.disk());
        whole.fail(Fault.badSectors(sector, 1));
        whole.leaveGarbage(random);
        for (int i = 0; i < 12 && mirror != null && !isCut; i++) {
            if (i == 8) {
                whole.heal();
            }
            read(sector, 1);
            pass(2_000_000);
        }
        in.resume();
    }

    private void lateWrites() {
        if (random.nextInt(10) == 0) {
            SimulatedLeg leg = any();
            say("writes are given up, and arrive late, on " + leg.disk());
            leg.writeLate(random, () -> canBeSpared(leg));
        }
    }

    // In the mailbox. Nobody could save a mirror from late writes to a leg that it cannot drop: one that has
    // everything, and to which
    // nothing comes late, has to be there beside it.
    private boolean canBeSpared(SimulatedLeg leg) {
        MirrorDevice in = mirror;
        return in != null
                && in.mirror().roster().present().stream()
                        .anyMatch(other -> in.mirror().roster().isComplete(other)
                                && legs.stream()
                                        .anyMatch(one -> !one.equals(leg)
                                                && !one.isLate()
                                                && one.disk().info().name().equals(other.name())));
    }

    /** A mirror that is in sync starts though some metadata of one leg cannot be read. */
    private void unreadable() {
        if (random.nextInt(40) == 0) {
            calm();
            if (legs.size() > 1) {
                SimulatedLeg leg = any();
                cut();
                isCut = false;
                legs.forEach(SimulatedLeg::boot);
                long first = random.nextInt(4) == 0
                        ? SUPERBLOCKS + random.nextInt(8)
                        : random.nextInt(DATA_SECTORS, (int) OWNER_MARK - 8);
                say("unreadable from " + first + " on: " + leg.disk());
                leg.fail(Fault.badSectors(first, random.nextInt(1, 8)));
                open(shuffled(legs));
                if (mirror == null && first >= SUPERBLOCKS && !isCut) { // the only one of its superblocks: it has to go
                    legs.remove(leg);
                    givenUp = true;
                    say("open without it");
                    start(MirrorDevice.open(
                            devices(legs), options().degraded(true).build()));
                }
                require(isCut || mirror != null, "not started, though only a page of one leg cannot be read");
            }
        }
    }

    private void killed() {
        if (random.nextInt(15) == 0) {
            kill();
            if (random.nextInt(3) != 0 && mirror != null && !isCut) {
                pass(random.nextInt(1, 3_000_000));
                crash();
            }
        }
    }

    /** Everything is up again, and an operator has dealt with disks that are not what they were. */
    abstract void calm();

    /** A copy of it, on another disk, has become the leg that it was. */
    final boolean hasLostItsPlace(SimulatedLeg leg) {
        return dangers.contains(Danger.ANOTHER_DISK) && indexOf(leg) == null && !unsure.contains(leg);
    }

    // The places of disks that are other legs now, or no leg any more.
    private void removeOldPlaces() {
        MirrorDevice in = mirror;
        MirrorStatus status = status();
        if (in != null && status != null) {
            List<String> waiting = legs.stream()
                    .filter(leg -> !takesPart(leg))
                    .map(leg -> leg.disk().info().name())
                    .toList();
            status.legs().stream()
                    .filter(leg -> leg.state() == LegState.REFUSED && !waiting.contains(leg.name()))
                    .forEach(leg -> told(in.remove(leg.index())));
        }
    }

    /** Disks that are not legs of this mirror any more are added as new ones. */
    final void welcomeStrangers() {
        for (SimulatedLeg leg : List.copyOf(legs)) {
            MirrorDevice in = mirror;
            Integer index = indexOf(leg);
            if (in != null && (leg.isStrange() || hasLostItsPlace(leg)) && !takesPart(leg)) {
                say("the operator adds " + leg.disk() + " anew");
                if (index != null) {
                    told(in.remove(index));
                }
                leg.disk().exchange(new byte[LEG_SECTORS * 512]);
                boolean tooShort = told(in.add(leg.device())).toString().contains("transfers of");
                require(tooShort || takesPart(leg), leg.disk() + " could not be added anew");
                if (tooShort) {
                    legs.remove(leg);
                }
            }
        }
        removeOldPlaces();
        if (isInSync()) {
            legs.forEach(SimulatedLeg::isFamiliar);
        }
    }
}
