package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;

/** What happens to the disks of the simulated machine, and to the pace of its mirror. */
abstract class SimulatedFaults extends SimulatedUsers {

    SimulatedFaults(long seed, Set<Rule> broken) {
        super(seed, broken);
    }

    void trouble() {
        SimulatedLeg leg = any();
        say("trouble on " + leg.disk() + ": " + leg.fail(random));
    }

    final void forgetful() {
        if (random.nextInt(12) == 0) {
            SimulatedLeg leg = any();
            say(leg.disk() + " gives up what it cannot flush");
            leg.forget(random);
        }
    }

    void heal() {
        SimulatedLeg leg = any();
        say("heal " + leg.disk());
        leg.heal();
    }

    /**
     * A disk loses its power alone, and its cache. Only if another one has everything and is up, and only until that is
     * noticed: nobody could save what a mirror's last disk forgets unseen.
     */
    void unplug() {
        SimulatedLeg leg = any();
        boolean othersUp = legs.stream().filter(other -> other != leg).allMatch(SimulatedLeg::isUp);
        boolean isNeeded = mirror == null ? !mayLeaveOut() : !anotherHasEverything(leg);
        if (!leg.isPlugged() || !othersUp || isNeeded || isBeyondSaving()) {
            return;
        }
        say("unplug " + leg.disk());
        leg.unplug();
        flush();
        for (int i = 0; i < 100 && takesPart(leg); i++) {
            pass(10_000_000);
        }
    }

    // After a kill disks have what was answered in their caches, and only there.
    private boolean isBeyondSaving() {
        return mirror == null && dangers.contains(Danger.KILL);
    }

    void plug() {
        for (SimulatedLeg leg : legs) {
            if (!leg.isPlugged() && !takesPart(leg)) {
                say("plug " + leg.disk());
                leg.plug();
                return;
            }
        }
    }

    void control() {
        if (mirror != null) {
            switch (random.nextInt(4)) {
                case 0 -> mirror.pause();
                case 1 -> mirror.limit(random.nextInt(1, 1 << 20));
                default -> mirror.resume();
            }
        }
    }

    SimulatedLeg any() {
        return legs.get(random.nextInt(legs.size()));
    }

    /** What may befall a disk. */
    static Fault fault(SplittableRandom random) {
        long seed = random.nextLong();
        return switch (random.nextInt(8)) {
            case 0 -> Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).chance(0.3, seed);
            case 1 -> Fault.errno(Errno.EIO).on(BlockOp.Kind.READ).chance(0.5, seed);
            case 2 -> Fault.errno(Errno.EIO).on(BlockOp.Kind.FLUSH).chance(0.5, seed);
            case 3 -> Fault.errno(Errno.EIO);
            case 4 -> Fault.delayed(Duration.ofMillis(random.nextInt(20, 400))).chance(0.3, seed);
            case 5 -> Fault.stalled().chance(0.2, seed);
            case 6 -> Fault.tornAtRandom(seed, Errno.EIO).chance(0.4, seed + 1);
            default -> Fault.badSectors(random.nextInt(120), random.nextInt(1, 8));
        };
    }
}
