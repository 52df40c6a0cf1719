package io.dmio.mirror;

import java.util.Set;

/** What happens to the disks of the simulated machine, and to the pace of its mirror. */
abstract class SimulatedFaults extends SimulatedUsers {

    SimulatedFaults(long seed, Set<Rule> broken) {
        super(seed, broken);
    }

    void trouble() {
        SimulatedLeg leg = any();
        say("trouble on " + leg.disk() + ": " + leg.fail(random));
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
        if (!leg.isPlugged() || !othersUp || (mirror != null && !anotherHasEverything(leg)) || isBeyondSaving()) {
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
}
