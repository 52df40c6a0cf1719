package io.dmio.mirror;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Kinds of trouble that came to the simulation later than the others. Each has histories of its own, a million of them, and
 * from 30 million on there are several in each; so it can be told which seeds catch which fault, and older seeds stay what
 * they are.
 */
@SuppressWarnings("EnumOrdinal") // what is drawn for a seed has to stay
enum Danger {
    /** A disk comes back blank, as it once was, as another mirror's leg, or as a copy of another leg. */
    ANOTHER_DISK,
    /** One leg fails to write its metadata, and dies soon after. */
    FAILED_RECORD,
    /** Legs with short transfers, of different lengths; pieces and chunks are longer. */
    SHORT_TRANSFERS,
    /** A write that fails leaves garbage in its sectors. */
    GARBAGE,
    /** Metadata that cannot be read when the mirror starts. */
    UNREADABLE,
    /** The power goes while a superblock is on its way: in joins, removals, wipes and starts. */
    CUT_IN_RECORD,
    /** The process is killed, and sometimes the power goes a little later. */
    KILL,
    /** Legs are added, removed, replaced and split off while the others fail to record it. */
    FAILED_CHANGE,
    /** A write of a connection that was given up reaches the disk later, by 200 ms at most. */
    LATE_WRITE,
    /** Another machine opens the mirror while this one has it, is held up, or opens it at the same moment. */
    SECOND_OWNER,
    /** A stream is written while a leg comes in, and the power goes right after that is on record. */
    CUT_AFTER_RETURN,
    /** A flush that fails gives up what it was for, as a kernel's page cache does; and some legs force writes by flushes only. */
    FORGOTTEN,
    /** Of legs of which two are needed, all but one fail at the same moment; a new one comes, and after a cut the others start without. */
    OUTNUMBERED;

    /** From here on legs come back sooner than writes of theirs may still arrive: what cannot be fenced. */
    static final long NO_GRACE_FROM = 29_500_000;

    /** Seeds of a kind. */
    static final long MILLION = 1_000_000;

    private static final long OLDER_MILLIONS = 3; // without dangers, each with something that the one before has not
    private static final long FIRST_MILLION = 21;
    private static final long ALL_FROM_MILLION = 30;
    private static final long SECOND_OWNER_MILLION = 31;
    private static final long OWNED_MILLION = 32; // several of the others, with marks
    private static final long CUT_AFTER_RETURN_MILLION = 33;
    private static final long FORGOTTEN_MILLION = 34;
    private static final long FORGOTTEN_MORE_MILLION = 35; // and several of the others
    private static final long OUTNUMBERED_MILLION = 36;

    /** How long a leg that was dropped stays away at least. */
    static long graceMillis(long seed) {
        return of(seed).contains(LATE_WRITE) && seed < NO_GRACE_FROM ? 250 : 10;
    }

    /** Whether mirrors have owner's marks; older histories have none. */
    static boolean hasOwners(Set<Danger> dangers) {
        return dangers.contains(SECOND_OWNER)
                || dangers.contains(CUT_AFTER_RETURN)
                || dangers.equals(EnumSet.of(FORGOTTEN));
    }

    /** Each million of seeds that is of a kind of its own. */
    static List<Long> millions() {
        return LongStream.concat(
                        LongStream.range(0, OLDER_MILLIONS), LongStream.rangeClosed(FIRST_MILLION, OUTNUMBERED_MILLION))
                .boxed()
                .toList();
    }

    /** The seed after the last one of a million in which no history may fail. */
    static long end(long million) {
        long end = (million + 1) * MILLION;
        return million == NO_GRACE_FROM / MILLION ? NO_GRACE_FROM : end;
    }

    private static Set<Danger> drawn(long seed) {
        Set<Danger> these = EnumSet.noneOf(Danger.class);
        for (int i = 0; i < SECOND_OWNER.ordinal(); i++) {
            boolean drawn = ((seed * 0x9E3779B97F4A7C15L) >>> (20 + i) & 1) != 0;
            if (drawn && values()[i] != LATE_WRITE) {
                these.add(values()[i]);
            }
        }
        return these;
    }

    /** What befalls the history of a seed. */
    static Set<Danger> of(long seed) {
        long million = seed / MILLION;
        Set<Danger> these = EnumSet.noneOf(Danger.class);
        if (million == CUT_AFTER_RETURN_MILLION) {
            these.add(CUT_AFTER_RETURN);
        } else if (million == OUTNUMBERED_MILLION) {
            these.add(OUTNUMBERED);
        } else if (million == FORGOTTEN_MILLION) {
            these.add(FORGOTTEN);
        } else if (million == FORGOTTEN_MORE_MILLION) {
            these.addAll(drawn(seed));
            these.add(FORGOTTEN);
            these.remove(KILL); // the next process reads from the cache what is given up, and cannot know
        } else if (million >= ALL_FROM_MILLION) {
            if (million == SECOND_OWNER_MILLION || million == OWNED_MILLION) {
                these.add(SECOND_OWNER);
            }
            if (million != SECOND_OWNER_MILLION) {
                these.addAll(drawn(seed));
            }
        } else if (million >= FIRST_MILLION) {
            these.add(values()[(int) (million - FIRST_MILLION)]);
        }
        return these;
    }
}
