package io.dmio.mirror;

import io.dmio.Sectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** What operators do to the legs of the simulated mirror: add, remove, replace, split off, scrub. */
abstract class SimulatedChanges extends SimulatedFaults {

    private static final long MORE_FROM = 2_000_000;

    SimulatedChanges(long seed, Set<Rule> broken) {
        super(seed, broken);
    }

    /** Whether legs are replaced and split off, too, and bits rot: in histories that came later than the others. */
    final boolean doesMore() {
        return seed >= MORE_FROM;
    }

    void add() {
        MirrorDevice to = mirror;
        if (to == null || legs.size() >= 5) {
            return;
        }
        SimulatedLeg leg = newLeg();
        say("add " + leg.disk());
        changing(leg);
        List<Object> told = new ArrayList<>();
        to.add(leg.device()).subscribe(told::add, told::add);
        for (int i = 0; i < 200 && told.isEmpty(); i++) {
            pass(20_000_000);
        }
        say("  added " + told);
        if (isCut || indexOf(leg) != null) {
            legs.add(leg);
        }
        if (told.isEmpty() || isCut || !(told.get(0) instanceof Integer) || isOfFew()) {
            unsure.add(leg); // that an add has failed may be hard to record, too
        }
    }

    // Fewer than legsMin are left, and others that know of no change may start.
    private boolean isOfFew() {
        return mirror != null && !mirror.mirror().roster().isWritable();
    }

    void remove() {
        MirrorDevice from = mirror;
        if (from == null || legs.size() < 3) {
            return;
        }
        SimulatedLeg leg = any();
        Integer index = indexOf(leg);
        if (index == null) {
            return;
        }
        boolean tookPart = isWhole(leg);
        say("remove " + leg.disk());
        boolean good = !leg.isTroubled();
        leg.disturb();
        changing(leg);
        List<String> told = new ArrayList<>();
        from.remove(index).subscribe(never -> {}, failure -> told.add("" + failure), () -> told.add("done"));
        for (int i = 0; i < 200 && told.isEmpty(); i++) {
            pass(20_000_000);
        }
        say("  removed " + told);
        if (told.contains("done")) {
            legs.remove(leg);
            if (good) { // else it may owe answers still
                givenBack(leg);
            }
            leg.heal();
        } else {
            boolean isFirst = unsure.add(leg); // else what was asked before may still take it out
            refusedToLetGo(leg, tookPart && isFirst && !told.isEmpty());
        }
    }

    void scrub() {
        if (mirror != null) {
            say("scrub");
            mirror.scrub(random.nextBoolean() ? ScrubMode.CHECK : ScrubMode.REPAIR)
                    .subscribe(
                            report -> require(
                                    report.sectorsDifferent() == 0, "a scrub found legs that differ: " + report),
                            busy -> {});
        }
    }

    /** Legs that were not there when the mirror was started. */
    void addMissing() {
        MirrorDevice to = mirror;
        MirrorStatus status = status();
        if (to == null || status == null) {
            return;
        }
        List<SimulatedLeg> strangers = new ArrayList<>();
        for (LegStatus leg : status.legs()) {
            if (leg.state() == LegState.MISSING) {
                if (legs.stream()
                        .noneMatch(member -> member.disk().info().name().equals(leg.name()))) {
                    to.remove(leg.index())
                            .subscribe(never -> {}, gone -> {}); // removed, but a crash came before that was on record
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
                        if (!told.contains(leg.index())) { // an add that a crash cut short, or a leg that went ahead
                            to.remove(leg.index()).subscribe(never -> {}, gone -> {});
                            pass(1_000_000_000);
                            strangers.add(member);
                        }
                    }
                }
            }
        }
        strangers.stream().filter(leg -> indexOf(leg) == null).forEach(legs::remove);
    }

    final void legsAreEqual() {
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

    void replace() {
        MirrorDevice in = mirror;
        SimulatedLeg old = any();
        Integer index = indexOf(old);
        if (in == null || index == null || legs.size() >= 5) {
            return;
        }
        SimulatedLeg fresh = newLeg();
        say("replace " + old.disk() + " by " + fresh.disk());
        old.disturb();
        changing(old);
        List<Object> told = new ArrayList<>();
        in.replace(index, fresh.device()).subscribe(told::add, told::add);
        await(told);
        say("  replaced " + told);
        boolean done = told.equals(List.of(index)) || (told.size() == 1 && told.get(0) instanceof Integer);
        if (isCut || indexOf(fresh) != null) {
            legs.add(fresh);
        }
        if (done && !isCut) {
            legs.remove(old);
            old.heal();
            if (isOfFew()) {
                unsure.add(fresh);
            }
        } else {
            unsure.add(fresh);
            unsure.add(old);
        }
    }

    /** A leg that is split off is, by itself, what the mirror could have been at one moment since. */
    void split() {
        MirrorDevice from = mirror;
        SimulatedLeg leg = any();
        Integer index = indexOf(leg);
        if (from == null || index == null || legs.size() < 3) {
            return;
        }
        boolean tookPart = isWhole(leg);
        say("split " + leg.disk());
        boolean good = !leg.isTroubled();
        leg.disturb();
        changing(leg);
        SectorModel.Reading reading = model.reading(0, DATA_SECTORS);
        int exchanges = leg.exchanges();
        List<Object> told = new ArrayList<>();
        from.split(index)
                .subscribe(
                        device -> {
                            told.add("done");
                            if (leg.exchanges() == exchanges) {
                                check(reading, leg.disk().durable(0, DATA_SECTORS));
                            }
                        },
                        told::add);
        await(told);
        say("  split " + told);
        if (told.contains("done") && !isCut) {
            legs.remove(leg);
            if (good) { // else it may owe answers still
                givenBack(leg);
            }
            leg.heal();
        } else {
            boolean isFirst = unsure.add(leg); // else what was asked before may still take it out
            refusedToLetGo(leg, tookPart && isFirst && !told.isEmpty());
        }
    }

    /** A leg is about to be added, removed, replaced or split off. */
    abstract void changing(SimulatedLeg leg);

    /** A leg is its user's again: nothing of the mirror's is on its way to it any more. */
    abstract void givenBack(SimulatedLeg leg);

    /** A leg could not be taken out: so it is in, unless it failed meanwhile. */
    abstract void refusedToLetGo(SimulatedLeg leg, boolean tookPart);

    /** What an operator was told, after a while. */
    final List<Object> told(Mono<?> asked) {
        List<Object> told = new ArrayList<>();
        asked.subscribe(told::add, told::add, () -> told.add("done"));
        await(told);
        say("  told " + told);
        return told;
    }

    /** Whether a leg has everything. */
    final boolean isWhole(SimulatedLeg leg) {
        MirrorStatus status = status();
        return status != null
                && status.legs().stream()
                        .anyMatch(one -> one.state() == LegState.IN_SYNC
                                && one.name().equals(leg.disk().info().name()));
    }

    private void await(List<?> told) {
        for (int i = 0; i < 200 && told.isEmpty() && !isCut; i++) {
            pass(20_000_000);
        }
    }

    /** Bits that rot on one leg are found by a scrub, all of them and nothing else, and put right. */
    final void scrubRotten() {
        MirrorDevice in = mirror;
        if (in == null || legs.size() < 2 || scrubbed(ScrubMode.CHECK) == null) {
            return; // another scrub runs
        }
        SimulatedLeg rotten = any();
        SimulatedLeg good = legs.get(legs.get(0) == rotten ? 1 : 0);
        Set<Long> sectors = new TreeSet<>();
        for (int i = random.nextInt(1, 6); i > 0; i--) {
            long sector = random.nextInt(DATA_SECTORS);
            if (sectors.add(sector)) {
                rotten.disk().flip(sector, random.nextInt(4096));
            }
        }
        say("rot of " + sectors + " on " + rotten.disk());
        Integer authority = indexOf(good);
        ScrubMode mode = legs.size() > 2 || authority == null ? ScrubMode.REPAIR : ScrubMode.repairFrom(authority);
        ScrubReport report = scrubbed(mode);
        require(
                report != null && report.sectorsDifferent() == sectors.size() && report.isEqual(),
                "a scrub of " + sectors + " that have rotten says " + report);
        legsAreEqual();
    }

    private @Nullable ScrubReport scrubbed(ScrubMode mode) {
        List<Object> told = new ArrayList<>();
        MirrorDevice in = mirror;
        if (in != null) {
            in.scrub(mode).subscribe(told::add, told::add);
        }
        await(told);
        return told.size() == 1 && told.get(0) instanceof ScrubReport report ? report : null;
    }

    /** What a leg is said to have failed, it has; and a leg to which nothing was done has failed nothing. */
    final void faultsAreCounted() {
        MirrorStatus status = status();
        for (LegStatus one : status == null ? List.<LegStatus>of() : status.legs()) {
            for (SimulatedLeg leg : legs) {
                if (leg.disk().info().name().equals(one.name())) {
                    LegErrors errors = one.errors();
                    // Flushes are shared, by forced writes, too, where a leg has no others.
                    boolean shared = dangers.contains(Danger.FORGOTTEN);
                    long counted = errors.reads() + errors.writes() + errors.syncs() + errors.metadata();
                    require(shared || counted <= leg.failures(), one + " has failed " + leg.failures() + " operations");
                    require(leg.isTroubled() || !errors.any(), one + ", though nothing was done to it");
                }
            }
        }
    }
}
