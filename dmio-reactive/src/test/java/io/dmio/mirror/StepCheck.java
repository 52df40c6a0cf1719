package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What has to hold of disks on which a mirror was when the machine went: whatever of them is there next time, it starts and holds what
 * was answered, or it is refused and keeps every byte. No two sets without a disk in common start by themselves.
 */
final class StepCheck {

    private final StepModel model;
    private final boolean marks;
    private final List<byte[]> images;
    private final List<Integer> rotten;

    StepCheck(StepModel model, StepScenario scenario, List<byte[]> images) {
        this.model = model;
        this.marks = scenario.base().marks();
        this.rotten = scenario.rotten();
        this.images = images;
    }

    /**
     * Starts each set of them.
     *
     * @param starts one of these has to start
     */
    void all(List<List<Integer>> starts) {
        List<Integer> masks = new ArrayList<>();
        for (int mask = 1; mask < 1 << images.size(); mask++) {
            if (starts(mask)) {
                masks.add(mask);
            }
        }
        for (int one : masks) {
            for (int other : masks) {
                assertThat(one & other)
                        .as("sets %s and %s both start by themselves", words(one), words(other))
                        .isNotZero();
            }
        }
        List<Integer> wanted = starts.stream()
                .map(set -> set.stream().mapToInt(disk -> 1 << disk).sum())
                .toList();
        assertThat(masks).as("what starts; of %s one has to", starts).containsAnyElementsOf(wanted);
    }

    private boolean starts(int mask) {
        List<Integer> which = words(mask);
        try (StepWorld world = new StepWorld(model.copy(), marks)) {
            which.forEach(i -> world.disk("disk-" + i, images.get(i)));
            StepWorld.Told told = world.ask(MirrorDevice.open(
                    StepWorld.devices(world.disks), world.options().build()));
            assertThat(world.run(told::isOver, Duration.ofMinutes(5)))
                    .as("a start of %s ends", which)
                    .isTrue();
            if (!(told.values.get(0) instanceof MirrorDevice mirror)) {
                for (int i = 0; i < which.size(); i++) {
                    assertThat(Arrays.equals(world.disks.get(i).content(), images.get(which.get(i))))
                            .as("%s of %s, which is refused with %s, is what it was", which.get(i), which, told)
                            .isTrue();
                }
                return false;
            }
            world.mirror = mirror;
            holds(world, mirror, which);
            return true;
        }
    }

    private void holds(StepWorld world, MirrorDevice mirror, List<Integer> which) {
        byte[] first = StepModel.mended(world.readAll(mirror), rotten);
        assertThat(model.check(first)).as("read from %s", which).isEmpty();
        assertThat(world.run(() -> isInSync(world), Duration.ofMinutes(2)))
                .as("%s come into sync: %s", which, world.status())
                .isTrue();
        assertThat(Arrays.equals(StepModel.mended(world.readAll(mirror), rotten), first))
                .as("what was read from %s stays", which)
                .isTrue();
        MirrorStatus status = world.status();
        for (StepDisk disk : world.disks) {
            boolean in = status.legs().stream()
                    .anyMatch(leg -> leg.name().equals(disk.info().name()) && leg.state() == LegState.IN_SYNC);
            assertThat(!in
                            || Arrays.equals(
                                    StepModel.mended(disk.content(), rotten), 0, first.length, first, 0, first.length))
                    .as("%s of %s holds what is read", disk.info().name(), which)
                    .isTrue();
        }
    }

    // But for legs that are not there, or are no legs any more.
    private static boolean isInSync(StepWorld world) {
        MirrorStatus status = world.status();
        return status.dirtyChunks() == 0
                && status.legs().stream()
                        .allMatch(leg -> leg.state() == LegState.IN_SYNC
                                || leg.state() == LegState.MISSING
                                || leg.state() == LegState.REFUSED);
    }

    private static List<Integer> words(int mask) {
        return IntStream.range(0, 16).filter(i -> (mask >> i & 1) != 0).boxed().toList();
    }
}
