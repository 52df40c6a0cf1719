package io.dmio.mirror.disk;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;

/**
 * What all legs of a mirror are told alike: sizes, which legs take part, and the line it descends from. Immutable;
 * every change makes a new membership, and every one that is written has a higher generation.
 *
 * <p>A <i>lineage</i> is a stretch of history with the same legs taking part, or more. It ends when a leg is dropped,
 * and its number goes into the history. So if one leg's lineage is in another's history, that leg is merely behind. If
 * neither's is, each ran without the other, and only a person can say which of them counts.
 *
 * @param mirror the mirror
 * @param generation counts the memberships that were written
 * @param lineage a random number
 * @param history the lineages before, newest first, at most {@link #HISTORY_MAX}
 * @param dataSectors the mirror's size
 * @param chunkSectors the unit of dirty tracking
 * @param blockSectors the mirror's block, at least, whatever its legs have; 0 if nobody asked for one
 * @param legsMin how many legs must be in sync; with fewer, writes are refused
 * @param clean whether the mirror was closed in good order: nothing is dirty
 * @param outnumbered whether legs that are out may go on without those that take part: they are {@code legsMin} or
 *     more, and may not know that they are out
 * @param legs always 16
 */
public record Membership(
        UUID mirror,
        long generation,
        long lineage,
        List<Long> history,
        long dataSectors,
        int chunkSectors,
        int blockSectors,
        int legsMin,
        boolean clean,
        boolean outnumbered,
        List<LegRecord> legs) {

    /** How many lineages are remembered: a leg that was away for longer counts as a stranger. */
    public static final int HISTORY_MAX = 128;

    private static final long INTRODUCTION = 0;

    private static final long COUNT_MAX = 1L << 62;

    public Membership {
        history = List.copyOf(history);
        legs = List.copyOf(legs);
        if (legs.size() != LegLayout.LEGS_MAX) {
            throw new IllegalArgumentException(legs.size() + " legs are not " + LegLayout.LEGS_MAX);
        }
    }

    /** Returns the first membership of a new mirror, with no legs. */
    public static Membership first(UUID mirror, long lineage, long dataSectors, int chunkSectors, int legsMin) {
        List<LegRecord> free = Collections.nCopies(LegLayout.LEGS_MAX, LegRecord.FREE);
        return new Membership(mirror, 0, lineage, List.of(), dataSectors, chunkSectors, 0, legsMin, false, false, free);
    }

    /** Whether this can be a mirror's block, or is 0 as nobody asked for one. */
    static boolean isBlock(int sectors) {
        return sectors >= 0 && sectors <= LegLayout.UNIT_SECTORS && Integer.bitCount(sectors) <= 1;
    }

    /** Whether a number read from a leg was counted up to: no mirror lives long enough for more, and the next one is higher. */
    public static boolean counts(long number) {
        return number >= 0 && number < COUNT_MAX;
    }

    /** The number of chunks, the last of which may be short. */
    public int chunkCount() {
        return Math.toIntExact((dataSectors + chunkSectors - 1) / chunkSectors);
    }

    public LegRecord leg(int index) {
        return legs.get(index);
    }

    /** The slot of a leg; -1 if it has none. */
    public int indexOf(UUID leg) {
        for (int i = 0; i < legs.size(); i++) {
            if (!legs.get(i).isFree() && legs.get(i).id().equals(leg)) {
                return i;
            }
        }
        return -1;
    }

    /** Bit i is set if leg i is in. */
    public int inMask() {
        int mask = 0;
        for (int i = 0; i < legs.size(); i++) {
            mask |= legs.get(i).isIn() ? 1 << i : 0;
        }
        return mask;
    }

    /** The same mirror at another time. */
    private Membership version(long itsGeneration, long itsLineage, List<Long> itsHistory, List<LegRecord> itsLegs) {
        return new Membership(
                mirror,
                itsGeneration,
                itsLineage,
                itsHistory,
                dataSectors,
                chunkSectors,
                blockSectors,
                legsMin,
                clean,
                outnumbered,
                itsLegs);
    }

    public Membership next() {
        return version(generation + 1, lineage, history, legs);
    }

    /** Returns this membership as a leg that is about to come in carries it: older than any record that went round, and no record itself. */
    public Membership introduction() {
        return version(INTRODUCTION, lineage, history, legs);
    }

    public Membership with(int index, LegRecord leg) {
        List<LegRecord> changed = new ArrayList<>(legs);
        changed.set(index, leg);
        return version(generation, lineage, history, changed);
    }

    public Membership withClean(boolean now) {
        return new Membership(
                mirror,
                generation,
                lineage,
                history,
                dataSectors,
                chunkSectors,
                blockSectors,
                legsMin,
                now,
                outnumbered,
                legs);
    }

    public Membership withOutnumbered(boolean now) {
        return new Membership(
                mirror,
                generation,
                lineage,
                history,
                dataSectors,
                chunkSectors,
                blockSectors,
                legsMin,
                clean,
                now,
                legs);
    }

    public Membership withBlockSectors(int sectors) {
        return new Membership(
                mirror,
                generation,
                lineage,
                history,
                dataSectors,
                chunkSectors,
                sectors,
                legsMin,
                clean,
                outnumbered,
                legs);
    }

    public Membership withDataSectors(long sectors) {
        return new Membership(
                mirror,
                generation,
                lineage,
                history,
                sectors,
                chunkSectors,
                blockSectors,
                legsMin,
                clean,
                outnumbered,
                legs);
    }

    /** Returns a membership in which a leg that was in no longer takes part, and a new lineage begins. */
    public Membership drop(int index, LegRecord record, long newLineage) {
        List<Long> longer = new ArrayList<>(history);
        longer.add(0, lineage);
        return version(generation, newLineage, newestOf(longer), legs).with(index, record);
    }

    /** Returns this membership as if these had always been behind: their lineages are in its past, and its generation is at least theirs. */
    public Membership over(List<Membership> others) {
        List<Long> longer = new ArrayList<>(history);
        long newest = generation;
        for (Membership other : others) {
            newest = Math.max(newest, other.generation);
            if (!descendsFrom(other)) {
                longer.add(0, other.lineage);
            }
        }
        return version(newest, lineage, newestOf(longer), legs);
    }

    private static List<Long> newestOf(List<Long> lineages) {
        return lineages.subList(0, Math.min(lineages.size(), HISTORY_MAX));
    }

    /** Whether this never went round: its leg never took part, so what it says of the lineage counts for nothing. */
    public boolean isIntroduction() {
        return generation == INTRODUCTION;
    }

    /** Whether another's lineage is this one or in its past, or the other is an {@link #introduction}, which has none of its own. */
    public boolean descendsFrom(Membership other) {
        return other.isIntroduction() || lineage == other.lineage || history.contains(other.lineage);
    }

    /** Whether another knows more than this: its lineage came later, or this is an {@link #introduction} and the other is none. */
    public boolean isBehind(Membership other) {
        return isIntroduction() == other.isIntroduction()
                ? lineage != other.lineage && other.history.contains(lineage)
                : isIntroduction();
    }
}
