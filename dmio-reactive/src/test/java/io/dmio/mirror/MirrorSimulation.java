package io.dmio.mirror;

import io.dmio.DeviceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A machine with a mirror, its disks and its users, under a virtual clock: one seed decides everything that happens, and a
 * model says what every sector may hold. After each step, and more so after each calm, crash and end, what must hold is
 * checked; the first thing that does not is an {@link AssertionError} with the whole history.
 */
final class MirrorSimulation extends SimulatedDangers {

    private static final Duration LONG = Duration.ofMinutes(30);

    MirrorSimulation(long seed, Set<Rule> broken) {
        super(seed, broken);
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
            throw new AssertionError("seed " + seed + ", " + broken + ": " + failure + "\n" + history(), failure);
        } finally {
            if (mirror != null) {
                mirror.mirror().abandon();
            }
            legs.forEach(leg -> {
                leg.heal();
                leg.powerCut();
            });
            forgetUsers();
            clock.dispose();
        }
    }

    /** All that happened; with {@code -Dsim.disks=true} on the disks, too. */
    String history() {
        StringBuilder all = new StringBuilder(String.join("\n", trace));
        for (SimulatedLeg leg : Boolean.getBoolean("sim.disks") ? legs : List.<SimulatedLeg>of()) {
            leg.disk().log().forEach(line -> all.append('\n').append(line));
        }
        return all.toString();
    }

    private void begin() {
        calming = !dangers.isEmpty();
        int count = random.nextInt(1, 4) + (random.nextInt(3) == 0 ? 1 : 0);
        for (int i = 0; i < count; i++) {
            legs.add(newLeg());
        }
        say("create of " + count + " legs, legsMin " + legsMin);
        start(MirrorDevice.create(devices(legs), options().build()));
        require(mirror != null, "a mirror of good disks could not be made");
        calming = false;
    }

    void step() {
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
        if (doesMore() && !isCut) {
            more();
        }
        if (!isCut) {
            danger();
        }
        pass(random.nextInt(4) == 0 ? random.nextInt(1, 200_000_000) : random.nextInt(1, 3_000_000));
    }

    private void more() {
        switch (random.nextInt(50)) {
            case 0 -> replace();
            case 1 -> split();
            case 2 -> rotOfMetadata();
            default -> {}
        }
    }

    /** A mirror that is in sync starts though one leg's metadata has rotten, as the others have it. */
    private void rotOfMetadata() {
        calm();
        if (legs.size() > 1) {
            SimulatedLeg leg = any();
            cut();
            isCut = false;
            legs.forEach(SimulatedLeg::boot);
            isRotten = true;
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                leg.disk().flip(metadataSector(), random.nextInt(4096));
            }
            open(shuffled(legs));
            if (mirror == null && !isCut) { // both of its superblocks: it has to go, as the refusal says
                legs.remove(leg);
                givenUp = true;
                say("open without it");
                start(MirrorDevice.open(devices(legs), options().degraded(true).build()));
            }
            require(isCut || mirror != null, "not started, though all legs but one are as they were");
        }
    }

    /** Everything is up again: after a while, everything is in sync, and nothing hangs. */
    @Override
    final void calm() {
        calming = !dangers.isEmpty();
        if (isCut) {
            boot();
        }
        say("calm");
        calming = true;
        everythingIsUp();
        if (mirror == null) {
            openWithoutStrangers();
            openAsTold();
            require(mirror != null, "the mirror does not start with all of its legs");
        }
        addMissing();
        MirrorDevice calm = Objects.requireNonNull(mirror);
        calm.resume();
        calm.limit(Long.MAX_VALUE);
        if (legs.stream().anyMatch(leg -> leg.isStrange() || hasLostItsPlace(leg))) {
            pass(TimeUnit.SECONDS.toNanos(5));
            welcomeStrangers();
        }
        aMinutePasses();
        leaveOutWhoLeft();
        require(inFlight.isEmpty(), inFlight.size() + " operations hang");
        require(isInSync(), "not in sync after a minute of calm: " + status());
        int held = heldAfterAll(calm.mirror().runtime());
        leaveOutWhoLeft(); // a replace that nobody waited for lets the old leg go once the new one is in sync
        require(isClean(), "dirty after a second of calm: " + status());
        require(held == 0, held + " buffers are held");
        legsAreEqual();
        faultsAreCounted();
        isRotten = doesMore() && random.nextInt(3) == 0;
        if (isRotten) {
            scrubRotten();
            isRotten = false;
        }
        calming = false;
    }

    private void aMinutePasses() {
        for (int i = 0; i < 60 && !(isInSync() && inFlight.isEmpty()); i++) {
            pass(TimeUnit.SECONDS.toNanos(1));
            if (i == 30) {
                addMissing(); // or take out what could not be spared before
            }
        }
    }

    /** How many buffers and users' operations are held at least a second later; longer, as a scrub may still be at it. */
    private int heldAfterAll(MirrorRuntime runtime) {
        for (int i = 0; i < 60 && (i == 0 || runtime.held() != 0); i++) {
            pass(TimeUnit.SECONDS.toNanos(1));
        }
        return runtime.held();
    }

    private void everythingIsUp() {
        cutWanted = false;
        legs.forEach(SimulatedLeg::heal);
        legs.stream().filter(leg -> !leg.isPlugged()).forEach(SimulatedLeg::plug);
        settleOwner();
    }

    void reopen() {
        MirrorDevice closing = mirror;
        if (closing == null || random.nextInt(3) != 0 || !legs.stream().allMatch(SimulatedLeg::isUp)) {
            return;
        }
        say("close");
        noteStatus();
        List<Object> told = new ArrayList<>();
        closing.close().subscribe(never -> {}, told::add, () -> told.add("closed"));
        for (int i = 0; i < 600 && told.isEmpty(); i++) {
            pass(100_000_000);
        }
        if (isCut) {
            return;
        }
        require(isClosed(told), "close: " + told);
        require(inFlight.isEmpty(), "operations hang after close");
        mirror = null;
        if (dangers.contains(
                Danger.FORGOTTEN)) { // what is lost is in caches still, and the next process could not know
            if (told.contains("closed")) {
                model.flushed(model.mark());
            }
            crash();
            return;
        }
        legs.forEach(SimulatedLeg::boot);
        openWithoutStrangers();
        if (!isCut) {
            openAsTold();
        }
        require(isCut || mirror != null, "not started after a close");
    }

    // Or told of what a flush that nobody was told of may have lost.
    private boolean isClosed(List<Object> told) {
        return told.equals(List.of("closed"))
                || (!told.isEmpty() && told.get(0) instanceof DeviceException failure && tellsOfALoss(failure));
    }

    void end() {
        calm();
        forgetOthers();
        say("end after " + boots + " boots");
        calming = true;
        MirrorDevice last = mirror;
        mirror = null;
        List<Object> told = new ArrayList<>();
        if (last != null) {
            last.close().subscribe(never -> {}, told::add, () -> told.add("closed"));
        }
        pass(LONG.toNanos());
        require(isClosed(told), "close: " + told);
        for (SimulatedLeg leg : legs) {
            require(leg.disk().inFlightCount() == 0, leg.disk() + " still has operations in flight");
        }
        nothingIsHeld();
        legsAreEqual();
    }
}
