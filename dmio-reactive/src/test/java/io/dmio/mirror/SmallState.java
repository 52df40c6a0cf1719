package io.dmio.mirror;

import io.dmio.mirror.disk.BitmapSector;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.LegRecord;
import io.dmio.mirror.disk.Membership;
import io.dmio.mirror.disk.Planes;
import io.dmio.mirror.disk.Superblock;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A world in words that are the same for all that differ only in what numbers they have counted up to: contents and lineages
 * by the order in which they are met, generations and marks by their ranks and by how far they are behind. What timers are set is left
 * out.
 */
final class SmallState {

    private final StringBuilder words = new StringBuilder();
    private final Map<Object, Integer> met = new HashMap<>();
    private final SmallWorld world;

    private SmallState(SmallWorld world) {
        this.world = world;
    }

    static String of(SmallWorld world) {
        SmallState state = new SmallState(world);
        state.describe();
        return state.words.toString();
    }

    private void describe() {
        List<@Nullable Superblock> marks = new ArrayList<>();
        TreeSet<Long> generations = new TreeSet<>();
        TreeSet<Long> batches = new TreeSet<>();
        for (SmallDisk disk : world.disks) {
            Superblock mark = mark(disk);
            marks.add(mark);
            if (mark != null) {
                generations.add(mark.membership().generation());
                batches.add(batch(disk, mark.membership().mirror()));
            }
        }
        for (int i = 0; i < marks.size(); i++) {
            SmallDisk disk = world.disks.get(i);
            Superblock mark = marks.get(i);
            words.append('|').append(disk.fails()).append(world.strange.get(i)).append(world.gone.get(i));
            contents(disk.cached());
            contents(disk.durable());
            if (mark != null) {
                Membership says = mark.membership();
                place('g', says.generation(), generations);
                place('b', batch(disk, says.mirror()), batches);
                lineage(says, marks);
                words.append(mark.index()).append(says.clean());
                legs(says, batches);
                bits(disk);
            }
        }
        for (int chunk = 0; chunk < world.model.chunks(); chunk++) {
            words.append('n');
            world.model.now(chunk).forEach(this::meet);
            words.append('c');
            world.model.crashed(chunk).forEach(this::meet);
        }
        words.append(world.model.isTold());
        running(batches);
    }

    private void running(NavigableSet<Long> batches) {
        MirrorDevice mirror = world.mirror;
        if (mirror != null) {
            Mirror in = mirror.mirror();
            words.append("up");
            legs(in.roster().membership(), batches);
            in.roster()
                    .present()
                    .forEach(leg -> words.append(leg.life()).append(in.planes().count(Planes.stale(leg.index))));
            words.append(in.planes().count(Planes.DIRTY));
        }
    }

    // Where a number is among those of the legs, and whether it is one behind the newest, as legs may be, or more.
    private void place(char of, long number, SortedSet<Long> all) {
        words.append(of).append(all.headSet(number).size());
        words.append('-').append(Math.min(2, all.last() - number));
    }

    private void contents(SmallSectors image) {
        for (int chunk = 0; chunk < world.model.chunks(); chunk++) {
            meet(ByteBuffer.wrap(image.get(chunk * SmallWorld.CHUNK)).getInt());
        }
    }

    private void lineage(Membership says, List<@Nullable Superblock> all) {
        meet("lineage " + says.lineage());
        for (Superblock other : all) {
            words.append(other != null && says.descendsFrom(other.membership()) ? '>' : '.');
        }
    }

    private void legs(Membership says, NavigableSet<Long> batches) {
        for (LegRecord leg : says.legs()) {
            if (!leg.isFree()) {
                words.append(leg.state()).append(leg.name());
                words.append(batches.headSet(leg.left().from()).size()).append('-');
                words.append(batches.headSet(leg.left().to() + 1).size());
                batches.forEach(batch -> words.append(leg.left().include(batch)));
            }
        }
    }

    private void bits(SmallDisk disk) {
        int first = world.model.chunks() * SmallWorld.CHUNK;
        for (int plane = 0; plane < Planes.COUNT; plane++) {
            byte[] sector = disk.cached().get(first + plane * LegLayout.UNIT_SECTORS);
            words.append(sector[16]).append(','); // eight chunks at most
        }
    }

    private void meet(Object one) {
        words.append(met.computeIfAbsent(one, fresh -> met.size())).append(' ');
    }

    private long batch(SmallDisk disk, UUID mirror) {
        int at = world.model.chunks() * SmallWorld.CHUNK;
        return BitmapSector.mark(mirror, Unpooled.wrappedBuffer(disk.cached().get(at, LegLayout.UNIT_SECTORS)));
    }

    private static @Nullable Superblock mark(SmallDisk disk) {
        SmallSectors all = disk.cached();
        int end = all.count();
        List<byte[]> slots = List.of(
                all.get(end - 2 * LegLayout.UNIT_SECTORS, LegLayout.UNIT_SECTORS),
                all.get(end - LegLayout.UNIT_SECTORS, LegLayout.UNIT_SECTORS));
        try {
            return Superblock.newest("", disk.info().sectorCount(), slots).superblock();
        } catch (RuntimeException none) {
            return null;
        }
    }
}
