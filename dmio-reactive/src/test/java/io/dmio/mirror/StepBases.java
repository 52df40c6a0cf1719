package io.dmio.mirror;

import io.dmio.Sectors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What disks of a mirror may hold before something is done to it: made once, by the mirror itself. */
final class StepBases {

    /** Images of disks, what was written to them, and whether there are owner's marks. */
    record Base(List<byte[]> images, StepModel model, boolean marks) {

        Base with(byte[] image) {
            List<byte[]> more = new ArrayList<>(images);
            more.add(image);
            return new Base(more, model, marks);
        }
    }

    private StepBases() {}

    /** Legs in sync, closed in good order. */
    static Base closed(int legs, int legSectors, boolean marks) {
        try (StepWorld world = new StepWorld(new StepModel(StepWorld.DATA), marks)) {
            for (int i = 0; i < legs; i++) {
                world.disk("disk-" + i, new byte[legSectors * Sectors.BYTES]);
            }
            MirrorDevice made = world.start(MirrorDevice.create(
                    StepWorld.devices(world.disks),
                    world.options()
                            .equalAlready(true)
                            .sectorCount(StepWorld.DATA)
                            .build()));
            write(world, 70);
            return ends(world, made);
        }
    }

    /** The same, and the last one has missed what was written since. */
    static Base behind(int legs, boolean marks) {
        Base before = closed(legs, StepWorld.LEG, marks);
        int[] others = IntStream.range(0, legs - 1).toArray();
        Base after = alone(before, others);
        List<byte[]> images = new ArrayList<>(after.images);
        images.add(before.images.get(legs - 1));
        return new Base(images, after.model, marks);
    }

    /** Some of the legs go on without the others. */
    static Base alone(Base before, int... legs) {
        try (StepWorld world = new StepWorld(before.model.copy(), before.marks)) {
            for (int leg : legs) {
                world.disk("disk-" + leg, before.images.get(leg));
            }
            MirrorDevice opened = world.start(MirrorDevice.open(
                    StepWorld.devices(world.disks),
                    world.options().degraded(true).build()));
            write(world, 9);
            return ends(world, opened);
        }
    }

    /** The power goes in the middle of writing. */
    static Base dirty(int legs, boolean marks) {
        Base before = closed(legs, StepWorld.LEG, marks);
        try (StepWorld world = new StepWorld(before.model.copy(), marks)) {
            for (int i = 0; i < legs; i++) {
                world.disk("disk-" + i, before.images.get(i));
            }
            world.start(MirrorDevice.open(
                    StepWorld.devices(world.disks), world.options().build()));
            write(world, 9);
            world.writes = true;
            int steps = world.steps();
            world.run(() -> world.steps() > steps + 5, Duration.ofMinutes(1));
            return new Base(world.goes(StepDisk.Loss.SOME, 3), world.model, marks);
        }
    }

    /** Bits of the data of one leg have rotten. */
    static Base rotten(Base before, int leg, List<Integer> sectors) {
        List<byte[]> images = new ArrayList<>(before.images);
        byte[] image = images.get(leg).clone();
        for (int sector : sectors) {
            image[sector * Sectors.BYTES + StepModel.ROTTEN_BYTE] ^= StepModel.ROTTEN_BITS;
        }
        images.set(leg, image);
        return new Base(images, before.model, before.marks);
    }

    private static void write(StepWorld world, int count) {
        int before = world.model.count();
        world.writes = true;
        world.run(() -> world.model.count() >= before + count, Duration.ofMinutes(1));
        world.writes = false;
        world.run(() -> !world.isWriting(), Duration.ofMinutes(1));
    }

    private static Base ends(StepWorld world, MirrorDevice mirror) {
        StepWorld.Told closed = world.ask(mirror.close());
        world.run(closed::isOver, Duration.ofMinutes(1));
        if (!closed.isGood()) {
            throw new AssertionError("not closed: " + closed);
        }
        return new Base(world.goes(StepDisk.Loss.ALL, 1), world.model, world.marks);
    }
}
