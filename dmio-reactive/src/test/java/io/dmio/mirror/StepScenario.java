package io.dmio.mirror;

import static io.dmio.mirror.StepWorld.LEG;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.mirror.StepBases.Base;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import reactor.core.publisher.Mono;

/**
 * Something that is done to a mirror while a user writes.
 *
 * @param name in words
 * @param base what is on the disks before; those beyond the legs are not open
 * @param legs how many of the disks the mirror is opened with; 0 if it is started by what is done
 * @param act what is done
 * @param starts sets of disks, one of which at least has to start by itself whatever happens
 */
record StepScenario(String name, Base base, int legs, Act act, List<List<Integer>> starts) {

    /** Sectors that have rotten on a leg where a scrub is to repair it. */
    private static final List<Integer> ROTTEN = List.of(5, 20);

    /** What is done. */
    interface Act {
        Mono<?> by(StepWorld world, List<BlockDevice> disks);
    }

    /** What is done to a mirror that runs. */
    private interface Use {
        Mono<?> of(MirrorDevice mirror, List<BlockDevice> disks);
    }

    /** Changes of a running mirror's legs. */
    static List<StepScenario> changes(boolean marks) {
        Base two = StepBases.closed(2, LEG, marks);
        Base three = StepBases.closed(3, LEG, marks);
        Base away = StepBases.behind(3, marks);
        Base more = two.with(StepWorld.blank());
        return List.of(
                use("add", more, (mirror, disks) -> mirror.add(disks.get(2))).on(2, "012", "01"),
                use("add of a leg that was away", away, (mirror, disks) -> mirror.add(disks.get(2)))
                        .on(2, "012"),
                use("remove", three, (mirror, disks) -> mirror.remove(1)).on(3, "012", "02"),
                use("remove of one of two", two, (mirror, disks) -> mirror.remove(1))
                        .on(2, "01", "0"),
                use("replace", more, (mirror, disks) -> mirror.replace(1, disks.get(2)))
                        .on(2, "01", "012", "02"),
                use("split", three, (mirror, disks) -> mirror.split(2)).on(3, "012", "01"),
                use("split of one of two", two, (mirror, disks) -> mirror.split(0))
                        .on(2, "01", "1"));
    }

    /** What else is done to one. */
    static List<StepScenario> uses(boolean marks) {
        Base two = StepBases.closed(2, LEG, marks);
        Base three = StepBases.rotten(StepBases.closed(3, LEG, marks), 1, ROTTEN);
        Base rotten = StepBases.rotten(two, 1, ROTTEN);
        return List.of(
                use("flush", two, (mirror, disks) -> mirror.submit(new BlockOp.Flush()))
                        .on(2, "01"),
                use("scrub with repair", three, (mirror, disks) -> mirror.scrub(ScrubMode.REPAIR))
                        .on(3, "012"),
                use("scrub with repair from one", rotten, (mirror, disks) -> mirror.scrub(ScrubMode.repairFrom(0)))
                        .on(2, "01"),
                use("close", two, (mirror, disks) -> mirror.close()).on(2, "01"));
    }

    /** All ways to start one. */
    static List<StepScenario> starts(boolean marks) {
        Base two = StepBases.closed(2, LEG, marks);
        Act open = (world, disks) -> MirrorDevice.open(disks, world.options().build());
        return List.of(
                of("open", two, open).on(0, "01"),
                of("open after a crash", StepBases.dirty(3, marks), open).on(0, "012"),
                of("open of a leg that is behind", StepBases.behind(3, marks), open)
                        .on(0, "012"),
                of(
                                "open degraded",
                                two,
                                (world, disks) -> MirrorDevice.open(
                                        disks.subList(0, 1),
                                        world.options().degraded(true).build()))
                        .on(0, "01"),
                of(
                                "grow",
                                StepBases.closed(2, LEG + StepWorld.DATA, marks),
                                (world, disks) -> MirrorDevice.grow(
                                        disks,
                                        2 * StepWorld.DATA,
                                        world.options().build()))
                        .on(0, "01"),
                of(
                                "takeover",
                                StepBases.dirty(2, marks),
                                (world, disks) -> MirrorDevice.open(
                                        disks,
                                        world.options()
                                                .settings(small -> small.takeover = true)
                                                .build()))
                        .on(0, "01"));
    }

    private static StepScenario use(String name, Base base, Use use) {
        return of(name, base, (world, disks) -> use.of(Objects.requireNonNull(world.mirror), disks));
    }

    private static StepScenario of(String name, Base base, Act act) {
        return new StepScenario(name + (base.marks() ? ", with marks" : ""), base, 0, act, List.of());
    }

    private StepScenario on(int count, String... which) {
        List<List<Integer>> sets = new ArrayList<>();
        for (String set : which) {
            sets.add(set.chars().map(digit -> digit - '0').boxed().toList());
        }
        return new StepScenario(name, base, count, act, sets);
    }

    /** Sectors that may be rotten. */
    List<Integer> rotten() {
        return name.startsWith("scrub") ? ROTTEN : List.of();
    }

    /** The machine, right before it is done. */
    StepWorld world() {
        StepWorld world = new StepWorld(base.model().copy(), base.marks());
        IntStream.range(0, base.images().size())
                .forEach(i -> world.disk("disk-" + i, base.images().get(i)));
        if (legs > 0) {
            List<BlockDevice> those = StepWorld.devices(world.disks.subList(0, legs));
            world.start(MirrorDevice.open(those, world.options().build()));
        }
        return world;
    }

    /** Does it; what it starts is the mirror from then on. */
    StepWorld.Told act(StepWorld world) {
        return world.ask(act.by(world, StepWorld.devices(world.disks)).doOnNext(value -> {
            if (value instanceof MirrorDevice started) {
                world.mirror = started;
            }
        }));
    }
}
