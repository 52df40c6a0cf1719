package io.dmio.mirror;

import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.LegMarks;
import io.dmio.mirror.disk.LegRecord;
import io.dmio.mirror.disk.Membership;
import io.dmio.mirror.disk.Planes;
import io.dmio.mirror.disk.Superblock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A world in words that are the same for all that differ only in what numbers they have counted up to: contents and lineages
 * by the order in which they are met, generations, marks and numbers of sectors by their ranks, and whether they are one apart or more.
 * What timers are set is left out.
 */
final class SmallState {

    private final StringBuilder words = new StringBuilder();
    private final Map<Object, Integer> met = new HashMap<>();
    private final SmallWorld world;
    private final NavigableSet<Long> generations = new TreeSet<>();
    private final NavigableSet<Long> batches = new TreeSet<>();

    private SmallState(SmallWorld world) {
        this.world = world;
    }

    /**
     * What a world is.
     *
     * @param older whether a disk may be put back to what it was when the mirror had been made
     */
    static String of(SmallWorld world, boolean older) {
        SmallState state = new SmallState(world);
        state.describe(older ? world.older : List.of());
        return state.words.toString();
    }

    private void describe(List<SmallSectors> older) {
        List<@Nullable Superblock> marks = new ArrayList<>();
        List<SmallSectors> all = new ArrayList<>();
        world.disks.forEach(disk -> all.add(disk.cached()));
        all.addAll(older);
        for (SmallSectors its : all) {
            Superblock mark = its.superblock().orElse(null);
            marks.add(mark);
            if (mark != null) {
                generations.add(mark.membership().generation());
                batches.add(batch(its, mark.membership().mirror()));
            }
        }
        for (int i = 0; i < world.disks.size(); i++) {
            SmallDisk disk = world.disks.get(i);
            words.append('|').append(disk.fails()).append(world.strange.get(i)).append(world.gone.get(i));
            contents(disk.durable());
            unreadable(disk.cached());
        }
        for (int i = 0; i < all.size(); i++) {
            says(all.get(i), marks.get(i), marks);
            bits(all.get(i), all);
        }
        for (int chunk = 0; chunk < world.model.chunks(); chunk++) {
            words.append('n');
            world.model.now(chunk).stream().forEach(this::meet);
            words.append('c');
            world.model.crashed(chunk).stream().forEach(this::meet);
        }
        words.append(world.model.isTold());
        running();
    }

    private void says(SmallSectors its, @Nullable Superblock mark, List<@Nullable Superblock> marks) {
        words.append('|');
        contents(its);
        if (mark != null) {
            Membership says = mark.membership();
            words.append('g').append(says.isIntroduction());
            place(says.generation(), generations);
            long batch = batch(its, says.mirror());
            words.append('b').append(batch == LegMarks.UNKNOWN);
            place(batch, batches);
            lineage(says, marks);
            words.append(mark.index()).append(says.clean());
            words.append(says.outnumbered());
            legs(says);
        }
    }

    private void unreadable(SmallSectors its) {
        for (int unit = 0; unit * LegLayout.UNIT_SECTORS < its.count(); unit++) {
            words.append(its.unit(unit).equals(SmallUnit.UNREADABLE) ? "u" + unit : "");
        }
    }

    private void running() {
        MirrorDevice mirror = world.mirror;
        if (mirror != null) {
            Mirror in = mirror.mirror();
            words.append("up");
            legs(in.roster().membership());
            in.roster().present().forEach(leg -> words.append(leg.life()));
            for (int plane = 0; plane < Planes.COUNT; plane++) {
                for (int chunk = 0; chunk < world.model.chunks(); chunk++) {
                    words.append(in.planes().get(plane, chunk) ? '1' : '0');
                }
            }
        }
    }

    // Where a number is among those of the legs, and whether each of them is one behind the next, as legs may be, or
    // more.
    private void place(long number, NavigableSet<Long> all) {
        words.append(all.headSet(number).size());
        for (Long higher = all.higher(number), last = number; higher != null; higher = all.higher(last)) {
            words.append('-').append(Math.min(2, higher - last));
            last = higher;
        }
    }

    private void contents(SmallSectors image) {
        for (int chunk = 0; chunk < world.model.chunks(); chunk++) {
            meet(image.unit(chunk).content());
        }
    }

    private void lineage(Membership says, List<@Nullable Superblock> all) {
        meet("lineage " + says.lineage());
        for (Superblock other : all) {
            words.append(other != null && says.descendsFrom(other.membership()) ? '>' : '.');
        }
    }

    private void legs(Membership says) {
        for (LegRecord leg : says.legs()) {
            if (!leg.isFree()) {
                words.append(leg.state()).append(leg.name()).append(leg.writeMostly());
                words.append(batches.headSet(leg.left().from()).size()).append('-');
                words.append(batches.headSet(leg.left().to() + 1).size());
                batches.forEach(batch -> words.append(leg.left().include(batch)));
            }
        }
    }

    private void bits(SmallSectors its, List<SmallSectors> all) {
        for (int plane = 0; plane < Planes.COUNT; plane++) {
            SmallUnit unit = plane(its, plane);
            words.append(unit.bits()).append(',');
            boolean differs = false;
            int older = 0;
            for (SmallSectors others : all) {
                SmallUnit other = plane(others, plane);
                differs |= other.bits() != unit.bits();
                older += other.number() < unit.number() ? 1 : 0;
            }
            if (differs) { // else it is one which counts
                words.append(older);
            }
        }
    }

    private void meet(Object one) {
        words.append(met.computeIfAbsent(one, fresh -> met.size())).append(' ');
    }

    private long batch(SmallSectors its, UUID mirror) {
        return plane(its, Planes.DIRTY).mark(mirror);
    }

    private SmallUnit plane(SmallSectors its, int plane) {
        return its.unit(world.model.chunks() + plane);
    }
}
