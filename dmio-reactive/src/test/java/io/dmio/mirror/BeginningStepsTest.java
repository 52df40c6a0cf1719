package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Sectors;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Superblock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Starts of mirrors of which fewer legs take part than writes need, with a leg that was being added when the power went, and with legs that fail
 * some kind of operation or hang. Each ends in time; a refused one is over on its legs; what was answered is read. {@code -Dbeginning.first} and
 * {@code -Dbeginning.count} say which walks are tried.
 */
class BeginningStepsTest {

    private static final long FIRST = Long.getLong("beginning.first", 1);
    private static final int COUNT = Integer.getInteger("beginning.count", 12);
    private static final Duration LONG = Duration.ofMinutes(3);

    /** What is wrong with a leg during a start. */
    private enum Trouble {
        NONE,
        WRITES_FAIL,
        FLUSHES_FAIL,
        READS_FAIL,
        METADATA_FAILS,
        CHANGES_HANG,
        HANGS;

        boolean isMet(BlockOp op, boolean later) {
            return switch (this) {
                case NONE -> false;
                case WRITES_FAIL, CHANGES_HANG -> op.kind().changes();
                case FLUSHES_FAIL -> op.kind() == BlockOp.Kind.FLUSH;
                case READS_FAIL -> later && op.kind() == BlockOp.Kind.READ;
                case METADATA_FAILS -> op.kind() == BlockOp.Kind.WRITE && op.sector() >= StepWorld.DATA;
                case HANGS -> later;
            };
        }

        boolean hangs() {
            return this == CHANGES_HANG || this == HANGS;
        }
    }

    /** A mirror whose machine goes once, and starts a few times. */
    private static final class Walk {
        private final SplittableRandom chance;
        private final int count;
        private final int least;
        private final boolean marks;
        private final StepModel model = new StepModel(StepWorld.DATA);
        private final List<String> story = new ArrayList<>();
        private List<byte[]> images = List.of();

        Walk(long seed) {
            chance = new SplittableRandom(seed);
            count = chance.nextInt(3, 6);
            least = chance.nextInt(2, 4);
            marks = chance.nextInt(3) == 0;
            story.add(count + " legs, legsMin " + least + (marks ? ", marks" : ""));
        }

        /** Too many legs fail a write at the same moment, another one is added, and the machine goes. */
        void goes() {
            try (StepWorld world = new StepWorld(model, marks)) {
                IntStream.range(0, count).forEach(i -> world.disk("disk-" + i, StepWorld.blank()));
                MirrorDevice mirror = world.start(MirrorDevice.create(
                        StepWorld.devices(world.disks),
                        world.options().legsMin(least).equalAlready(true).build()));
                writes(world, chance.nextInt(0, 5));
                int left = chance.nextInt(1, least);
                List<StepDisk> fail = List.copyOf(world.disks.subList(left, count));
                world.fails = op -> fail.contains(op.disk()) && op.op().kind().changes() ? Errno.EIO : null;
                writes(world, 1);
                if (chance.nextBoolean()) {
                    int steps = world.steps() + chance.nextInt(60);
                    story.add("another leg");
                    world.ask(mirror.add(world.disk("disk-" + count, StepWorld.blank())));
                    world.run(() -> world.steps() >= steps, Duration.ofSeconds(1));
                }
                goes(world, world.disks);
            }
        }

        private void writes(StepWorld world, int many) {
            int last = model.count() + many;
            world.writes = many > 0;
            world.run(
                    () -> {
                        world.writes = model.count() < last;
                        return !world.writes && !world.isWriting();
                    },
                    Duration.ofMinutes(1));
        }

        private <T> T anyOf(T[] all) {
            return all[chance.nextInt(all.length)];
        }

        private void goes(StepWorld world, List<StepDisk> these) {
            List<byte[]> all = new ArrayList<>(images);
            List<StepDisk> legs = List.copyOf(these);
            StepDisk.Loss loss = anyOf(StepDisk.Loss.values());
            List<byte[]> now = world.goes(loss, chance.nextLong());
            for (int i = 0; i < legs.size(); i++) {
                int disk = legs.get(i).info().name().charAt(5) - '0';
                while (all.size() <= disk) {
                    all.add(StepWorld.blank());
                }
                all.set(disk, now.get(i));
            }
            images = all;
            story.add("gone, " + loss);
        }

        void starts() {
            try (StepWorld world = new StepWorld(model, marks)) {
                IntStream.range(0, images.size())
                        .filter(i -> isLeg(images.get(i)))
                        .forEach(i -> world.disk("disk-" + i, images.get(i)));
                List<Trouble> troubles = world.disks.stream()
                        .map(disk -> chance.nextInt(3) > 0 ? Trouble.NONE : anyOf(Trouble.values()))
                        .toList();
                story.add("" + troubles);
                befall(world, troubles);
                StepWorld.Told told = world.ask(MirrorDevice.open(
                        StepWorld.devices(world.disks), world.options().build()));
                world.run(told::isOver, LONG);
                story.add(told + " after " + world.clock.now(TimeUnit.MILLISECONDS) + " ms");
                assertThat(told.isOver()).isTrue();
                if (told.values.get(0) instanceof MirrorDevice mirror) {
                    world.mirror = mirror;
                    isUp(world, mirror);
                } else {
                    assertThat(told.values.get(0)).isInstanceOf(DeviceException.class);
                    assertThat(troubles.stream().allMatch(Trouble.NONE::equals)).isFalse();
                    int steps = world.steps();
                    world.pass(Duration.ofSeconds(10));
                    assertThat(world.steps() == steps || troubles.stream().anyMatch(Trouble::hangs))
                            .isTrue();
                }
                goes(world, world.disks);
            }
        }

        private void befall(StepWorld world, List<Trouble> troubles) {
            int later = chance.nextInt(1, 150);
            world.fails = op -> {
                Trouble one = troubles.get(world.disks.indexOf(op.disk()));
                return !one.hangs() && one.isMet(op.op(), world.steps() > later) ? Errno.EIO : null;
            };
            world.holds = op -> {
                Trouble one = troubles.get(world.disks.indexOf(op.disk()));
                return one.hangs() && one.isMet(op.op(), world.steps() > later);
            };
        }

        private void isUp(StepWorld world, MirrorDevice mirror) {
            world.fails = op -> null;
            world.release();
            if (chance.nextBoolean()) {
                assertThat(model.check(world.readAll(mirror))).isEmpty();
            }
            if (chance.nextBoolean()) {
                StepWorld.Told closed = world.ask(mirror.close());
                assertThat(world.run(closed::isOver, LONG)).isTrue();
                return;
            }
            world.pass(Duration.ofSeconds(20));
            assertThat(world.status().legs())
                    .filteredOn(leg -> leg.state() != LegState.MISSING)
                    .allMatch(leg -> leg.state() == LegState.IN_SYNC);
            assertThat(model.check(world.readAll(mirror))).isEmpty();
        }

        // A leg that was about to be added may carry nothing yet.
        private static boolean isLeg(byte[] image) {
            return IntStream.range(0, 2).anyMatch(slot -> {
                int at = (int) Sectors.toBytes(LegLayout.slotSector(StepWorld.LEG, slot));
                return Superblock.isMarked(Arrays.copyOfRange(image, at, at + LegLayout.SLOT_BYTES));
            });
        }
    }

    @Test
    void whateverIsWrongWithItsLegsAStartThatBringsThemInEndsAndLosesNothing() {
        for (long seed = FIRST; seed < FIRST + COUNT; seed++) {
            Walk walk = new Walk(seed);
            try {
                walk.goes();
                walk.starts();
                walk.starts();
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("walk " + seed + ": " + walk.story + ": " + failure.getMessage(), failure);
            }
        }
    }
}
