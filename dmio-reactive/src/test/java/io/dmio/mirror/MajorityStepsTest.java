package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.Errno;
import io.dmio.Sectors;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Mirrors that need several legs for a write, started again and again with some of their legs: in each of these lives legs may fail, and the
 * machine goes at any step. {@code -Dmajority.first} and {@code -Dmajority.count} say which walks are tried.
 */
class MajorityStepsTest {

    private static final long FIRST = Long.getLong("majority.first", 1);
    private static final int COUNT = Integer.getInteger("majority.count", 60);
    private static final int LIVES = 5;

    /** One series of lives of one mirror. */
    private static final class Walk {
        private final SplittableRandom chance;
        private final int count;
        private final int least;
        private final boolean marks;
        private final StepModel model = new StepModel(StepWorld.DATA);
        private final List<Set<Integer>> may = new ArrayList<>(); // by sector: the versions that may be there
        private final List<String> story = new ArrayList<>();
        private List<byte[]> images = new ArrayList<>();
        private int started;

        Walk(long seed) {
            chance = new SplittableRandom(seed);
            count = chance.nextInt(2, 6);
            least = chance.nextInt(2, Math.min(count, 4) + 1);
            marks = chance.nextInt(4) == 0;
            IntStream.range(0, StepWorld.DATA).forEach(i -> may.add(new HashSet<>(Set.of(0))));
            story.add(count + " legs, legsMin " + least + (marks ? ", marks" : ""));
        }

        void walk() {
            try (StepWorld world = new StepWorld(model, marks)) {
                IntStream.range(0, count).forEach(i -> world.disk("disk-" + i, StepWorld.blank()));
                world.start(MirrorDevice.create(
                        StepWorld.devices(world.disks),
                        options(world).legsMin(least).equalAlready(true).build()));
                live(world, IntStream.range(0, count).boxed().toList());
            }
            for (int life = 1; life < LIVES; life++) {
                List<Integer> which = IntStream.range(0, count)
                        .filter(i -> chance.nextInt(4) > 0)
                        .boxed()
                        .toList();
                if (which.isEmpty()) {
                    continue;
                }
                try (StepWorld world = new StepWorld(model, marks)) {
                    which.forEach(i -> world.disk("disk-" + i, images.get(i)));
                    boots(world, which);
                }
            }
            ends();
        }

        // Unlike what a world makes by itself, never twice.
        private MirrorOptions.Builder options(StepWorld world) {
            return world.options().settings(small -> small.ids = () -> new UUID(chance.nextLong(), chance.nextLong()));
        }

        private void boots(StepWorld world, List<Integer> which) {
            boolean goesEarly = chance.nextInt(3) > 0;
            int goesAt = goesEarly ? chance.nextInt(1, 150) : -1;
            StepDisk.Loss loss = loss();
            world.beforeStep = step -> {
                if (step == goesAt) {
                    goes(world, which, loss);
                }
            };
            if (chance.nextInt(3) == 0) {
                fail(world, chance.nextInt(1 << count));
            }
            StepWorld.Told told = world.ask(MirrorDevice.open(
                    StepWorld.devices(world.disks), options(world).build()));
            boolean there = world.run(told::isOver, Duration.ofMinutes(5));
            if (!there || !(told.values.get(0) instanceof MirrorDevice mirror)) {
                story.add("start of " + which + (there ? " is refused: " + told : " ends at step " + goesAt));
                if (there) {
                    goes(world, which, StepDisk.Loss.KILLED);
                }
                return;
            }
            world.mirror = mirror;
            started++;
            story.add("start of " + which + " at step " + world.steps() + ", goes at " + goesAt);
            byte[] content;
            try {
                content = world.readAll(mirror);
            } catch (AssertionError unread) {
                story.add("unread");
                if (world.run(() -> true, Duration.ofSeconds(1))) {
                    goes(world, which, loss);
                }
                return;
            }
            binds(content, which);
            world.fails = op -> null;
            live(world, which);
        }

        private void binds(byte[] content, List<Integer> which) {
            checks(content, which);
            for (int sector = 0; sector < StepWorld.DATA; sector++) {
                may.set(sector, new HashSet<>(Set.of(version(content, sector))));
            }
        }

        private void checks(byte[] content, List<Integer> which) {
            for (int sector = 0; sector < StepWorld.DATA; sector++) {
                assertThat(may.get(sector))
                        .as("%s: sector %s read from %s is %s", story, sector, which, version(content, sector))
                        .contains(version(content, sector));
            }
        }

        private static int version(byte[] content, int sector) {
            return ByteBuffer.wrap(content, sector * Sectors.BYTES, 4).getInt();
        }

        /** A user writes; legs fail; then the machine goes. */
        private void live(StepWorld world, List<Integer> which) {
            int[] seen = {model.count()};
            int from = seen[0];
            int writes = chance.nextInt(0, 8);
            int failsAt = chance.nextInt(0, 9);
            int mask = chance.nextInt(1 << count);
            int more = chance.nextInt(0, 60);
            world.writes = writes > 0;
            world.run(
                    () -> {
                        note(world, seen);
                        if (model.count() - from == failsAt) {
                            fail(world, mask);
                        }
                        world.writes = model.count() - from < writes;
                        return !world.writes && !world.isWriting();
                    },
                    Duration.ofMinutes(1));
            note(world, seen);
            int last = world.steps() + more;
            if (chance.nextBoolean()) {
                world.fails = op -> null;
            }
            world.run(() -> world.steps() > last, Duration.ofSeconds(2));
            note(world, seen);
            story.add((seen[0] - from) + " writes");
            goes(world, which, loss());
        }

        private void note(StepWorld world, int[] seen) {
            while (seen[0] < model.count()) {
                StepModel.Write write = model.write(seen[0]++);
                may.get(write.sector()).add(write.version());
            }
            if (!world.isWriting()) {
                for (int sector = 0; sector < StepWorld.DATA; sector++) {
                    int durable = model.durable(sector);
                    may.get(sector).removeIf(version -> version < durable);
                }
            }
        }

        private void fail(StepWorld world, int mask) {
            story.add("legs " + Integer.toBinaryString(mask) + " fail");
            world.fails = op -> {
                int leg = op.disk().info().name().charAt(5) - '0';
                return (mask >> leg & 1) != 0 && op.op().kind().changes() ? Errno.EIO : null;
            };
        }

        private StepDisk.Loss loss() {
            List<StepDisk.Loss> all = List.of(StepDisk.Loss.values());
            return all.get(chance.nextInt(all.size()));
        }

        private void goes(StepWorld world, List<Integer> which, StepDisk.Loss loss) {
            if (world.isGone()) {
                return;
            }
            List<byte[]> left = world.goes(loss, chance.nextLong());
            story.add("gone, " + loss);
            if (images.isEmpty()) {
                images = new ArrayList<>(left);
            } else {
                IntStream.range(0, which.size()).forEach(i -> images.set(which.get(i), left.get(i)));
            }
        }

        /** Each set is tried. */
        private void ends() {
            List<Integer> starts = new ArrayList<>();
            for (int mask = 1; mask < 1 << count; mask++) {
                int set = mask;
                List<Integer> which = IntStream.range(0, count)
                        .filter(i -> (set >> i & 1) != 0)
                        .boxed()
                        .toList();
                try (StepWorld world = new StepWorld(model.copy(), marks)) {
                    which.forEach(i -> world.disk("disk-" + i, images.get(i)));
                    StepWorld.Told told = world.ask(MirrorDevice.open(
                            StepWorld.devices(world.disks), options(world).build()));
                    assertThat(world.run(told::isOver, Duration.ofMinutes(5)))
                            .as("%s: a start of %s ends", story, which)
                            .isTrue();
                    if (told.values.get(0) instanceof MirrorDevice mirror) {
                        world.mirror = mirror;
                        checks(world.readAll(mirror), which);
                        starts.add(mask);
                        StepWorld.Told closed = world.ask(mirror.close());
                        world.run(closed::isOver, Duration.ofMinutes(5));
                        assertThat(mirror.mirror().runtime().memory().count()).isZero();
                    } else {
                        // Legs of which too few were there for a write may have started, and say so.
                        assertThat(mask != (1 << count) - 1 || told.toString().contains("name the one that counts"))
                                .as("%s: a start of all: %s", story, told)
                                .isTrue();
                    }
                }
            }
            for (int one : starts) {
                assertThat(starts).as("%s", story).noneMatch(other -> (one & other) == 0);
            }
        }
    }

    @Test
    void whatIsAnsweredOrReadAfterAStartStaysAndNoTwoSetsStart() {
        int started = 0;
        for (long seed = FIRST; seed < FIRST + COUNT; seed++) {
            Walk walk = new Walk(seed);
            try {
                walk.walk();
            } catch (AssertionError | RuntimeException failed) {
                throw new AssertionError("walk " + seed + ": " + failed.getMessage(), failed);
            }
            started += walk.started;
        }
        assertThat(started).isPositive();
    }
}
