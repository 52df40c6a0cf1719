package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/**
 * All that is done to a mirror, with something that befalls it at one step: at an operation of a disk, at an allocation. Each
 * {@code steps.every}-th of them is tried; {@code -Dsteps.every=1} tries all, with owner's marks, too, and {@code -Dsteps.only=add} what has that
 * in its name.
 */
class MirrorStepsTest {

    private static final int EVERY = Integer.getInteger("steps.every", 307);
    private static final Duration LONG = Duration.ofMinutes(30);
    private static final int AFTER = 30; // steps after it was done
    private static final int NEVER = 1 << 30;

    /** What befalls a machine at a step. */
    private interface Blow {
        void falls(StepWorld world, StepWorld.Told told);
    }

    private static List<StepScenario> scenarios() {
        List<StepScenario> all = new ArrayList<>();
        for (boolean marks : EVERY == 1 ? List.of(false, true) : List.of(false)) {
            all.addAll(StepScenario.changes(marks));
            all.addAll(StepScenario.uses(marks));
            all.addAll(StepScenario.starts(marks));
        }
        all.removeIf(one -> !one.name().contains(System.getProperty("steps.only", "")));
        return all;
    }

    /** Tries it at each of some steps, until it was through before. */
    private static void each(StepScenario scenario, int first, String name, IntPredicate tried) {
        for (int at = first; ; at += EVERY) {
            try {
                if (!tried.test(at)) {
                    return;
                }
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError(
                        scenario.name() + ", " + name + " at " + at + ": " + failure.getMessage(), failure);
            }
        }
    }

    @Test
    void whereverTheMachineGoesWhatWasAnsweredIsThereOrTheStartIsRefused() {
        for (StepScenario scenario : scenarios()) {
            int ways = 0;
            for (StepDisk.Loss loss : StepDisk.Loss.values()) {
                each(scenario, 1 + ways % EVERY, "" + loss, at -> goes(scenario, loss, at));
                ways++;
            }
        }
    }

    private static boolean goes(StepScenario scenario, StepDisk.Loss loss, int at) {
        List<List<byte[]>> images = new ArrayList<>();
        try (StepWorld world = scenario.world()) {
            int before = world.steps();
            int[] done = {NEVER};
            int versions = world.model.count();
            StepWorld.Told told = scenario.act(world);
            world.writes = true;
            world.beforeStep = step -> {
                done[0] = told.isOver() ? Math.min(done[0], step) : done[0];
                if (step - before == at && step <= done[0] + AFTER) {
                    images.add(world.goes(loss, at));
                }
            };
            world.run(() -> world.steps() > done[0] + AFTER, Duration.ofMinutes(2));
            if (images.isEmpty()) {
                return false;
            }
            if (scenario.name().startsWith("split") && told.isGood()) { // it is what the mirror was at one moment
                int leg = scenario.legs() == 2 ? 0 : 2;
                assertThat(world.model.checkMoment(images.get(0).get(leg), versions))
                        .isEmpty();
            }
            new StepCheck(world.model, scenario, images.get(0)).all(scenario.starts());
            return true;
        }
    }

    @Test
    void whateverOneOperationOfADiskDoesEverybodyIsAnsweredAndNothingIsLost() {
        Map<String, Blow> blows = new LinkedHashMap<>();
        blows.put("an error", (world, told) -> {
            AtomicBoolean once = new AtomicBoolean(true);
            world.fails = op -> once.getAndSet(false) ? Errno.EIO : null;
        });
        blows.put("an operation that hangs for ten minutes", (world, told) -> {
            AtomicBoolean once = new AtomicBoolean(true);
            world.holds = op -> once.getAndSet(false);
            world.clock.schedule(world::release, 10, TimeUnit.MINUTES);
        });
        blows.put("a cancel", (world, told) -> {
            Objects.requireNonNull(told.subscription).dispose();
            told.values.add("cancelled");
        });
        blows.forEach((name, blow) ->
                scenarios().forEach(scenario -> each(scenario, 1, name, at -> befalls(scenario, blow, at))));
    }

    /** What had been asked of it before that may be done when it is back, as long as the mirror is there. */
    @Test
    void wheneverADiskHangsForTenMinutesEverybodyIsAnsweredAndNothingIsLost() {
        Blow hangs = (world, told) -> {
            List<StepDisk> which = new ArrayList<>();
            world.holds = op -> {
                if (which.isEmpty()) {
                    which.add(op.disk());
                }
                return which.contains(op.disk());
            };
            world.clock.schedule(world::release, 10, TimeUnit.MINUTES);
        };
        scenarios().stream()
                .filter(scenario -> !scenario.name().contains("one of two")) // docs/mirror.md, what no rule can tell
                .forEach(scenario -> each(scenario, 1, "a disk that hangs", at -> befalls(scenario, hangs, at)));
    }

    @Test
    void wheneverAnAllocationFailsEverybodyIsAnsweredAndNothingIsLost() {
        scenarios().forEach(scenario -> each(scenario, 1, "no memory", at -> runsOut(scenario, at)));
    }

    private static boolean runsOut(StepScenario scenario, int at) {
        boolean[] fell = {false};
        try (StepWorld world = scenario.world()) {
            int before = world.allocations();
            world.allocates = allocation -> {
                if (allocation - before == at) {
                    fell[0] = true;
                    throw new OutOfMemoryError("as the test says");
                }
            };
            StepWorld.Told told = scenario.act(world);
            world.writes = true;
            world.run(() -> told.isOver() && fell[0], Duration.ofSeconds(1));
            ends(scenario, world, told);
        }
        return fell[0];
    }

    @Test
    void whateverIsDoneInTheMiddleOfSomethingElseEverybodyIsAnsweredAndNothingIsLost() {
        Map<String, Function<MirrorDevice, Mono<?>>> others = new LinkedHashMap<>();
        others.put("close", MirrorDevice::close);
        others.put("remove", mirror -> mirror.remove(1));
        others.put("remove of the first", mirror -> mirror.remove(0));
        others.put("split", mirror -> mirror.split(1));
        others.put("scrub", mirror -> mirror.scrub(ScrubMode.repairFrom(0)));
        others.put("resync", MirrorDevice::resync);
        others.put("flush", mirror -> mirror.submit(new BlockOp.Flush()));
        others.forEach((name, other) -> scenarios().stream()
                .filter(scenario -> scenario.legs() > 0)
                .forEach(scenario -> each(
                        scenario,
                        1,
                        name,
                        at -> befalls(
                                scenario,
                                (world, told) ->
                                        world.others.add(world.ask(other.apply(Objects.requireNonNull(world.mirror)))),
                                at))));
    }

    private static boolean befalls(StepScenario scenario, Blow blow, int at) {
        boolean[] fell = {false};
        try (StepWorld world = scenario.world()) {
            int before = world.steps();
            StepWorld.Told told = scenario.act(world);
            world.writes = true;
            world.beforeStep = step -> {
                if (step - before == at && !told.isOver()) {
                    fell[0] = true;
                    blow.falls(world, told);
                }
            };
            int[] last = {NEVER};
            world.run(
                    () -> {
                        last[0] = told.isOver() ? Math.min(last[0], world.steps()) : last[0];
                        return world.steps() > last[0] + AFTER;
                    },
                    Duration.ofMinutes(2));
            if (fell[0]) {
                ends(scenario, world, told);
            }
        }
        return fell[0];
    }

    private static void ends(StepScenario scenario, StepWorld world, StepWorld.Told told) {
        world.writes = false;
        assertThat(world.run(() -> told.isOver() && !world.isWriting(), LONG))
                .as("whoever asked and the user are answered: %s, %s", told, world.isWriting())
                .isTrue();
        MirrorDevice mirror = world.mirror;
        if (mirror != null) {
            StepWorld.Told closed = world.ask(mirror.close());
            assertThat(world.run(closed::isOver, LONG)).as("it is closed").isTrue();
        }
        world.release();
        world.pass(Duration.ofSeconds(10));
        assertThat(world.others).as("who asked for something else").allMatch(StepWorld.Told::isOver);
        if (mirror != null) {
            assertThat(mirror.mirror().runtime().memory().count())
                    .as("memory held")
                    .isZero();
        }
        List<byte[]> images = world.goes(StepDisk.Loss.ALL, 1);
        new StepCheck(world.model, scenario, images).all(startsAfter(scenario));
    }

    // Any may be gone that was to go, and any in that was to come.
    private static List<List<Integer>> startsAfter(StepScenario scenario) {
        return Stream.concat(
                        scenario.starts().stream(),
                        Stream.of(List.of(0), List.of(1), List.of(0, 1), List.of(0, 2), List.of(1, 2), List.of(2)))
                .toList();
    }
}
