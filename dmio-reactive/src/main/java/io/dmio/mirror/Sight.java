package io.dmio.mirror;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What was seen in one leg's block for the owner's mark. Two equal sights have seen no move.
 *
 * @param kind what is in the block
 * @param mark the mark, if one is there
 * @param print a hash of the bytes, where they are no mark that could be understood
 */
record Sight(Kind kind, @Nullable OwnerMark mark, int print) {

    /** What is in a block. */
    enum Kind {
        /** No mark: the leg is new, or was taken out of a mirror. */
        NONE,
        /** A mark. */
        MARK,
        /** The beginning of a mark that is not whole: somebody may be there. */
        DAMAGED,
        /** The leg did not give its block: the other legs have to tell. */
        UNREADABLE
    }

    static final Sight UNREADABLE = new Sight(Kind.UNREADABLE, null, 0);

    static Sight of(byte[] block) {
        OwnerMark mark = OwnerMark.decode(block);
        if (mark != null) {
            return new Sight(Kind.MARK, mark, 0);
        }
        return OwnerMark.isMarked(block)
                ? new Sight(Kind.DAMAGED, null, Arrays.hashCode(block))
                : new Sight(Kind.NONE, null, 0);
    }

    boolean isBy(OwnerMark mine) {
        return mark != null && mark.isBy(mine);
    }

    /** Whether it is the mark of another owner, which has gone or has not. */
    boolean isByAnother(OwnerMark mine) {
        return mark != null && !mark.isBy(mine);
    }

    /**
     * Returns the sights of owners that may be there, by the marks of all legs: those that are held, and not known to be over.
     *
     * @param all the sights of the legs
     * @param here knows which processes are dead
     * @return the sights that nobody can start over without waiting
     */
    static List<Sight> held(List<Sight> all, OwnerHost here) {
        return all.stream().filter(sight -> sight.isHeld(all, here)).toList();
    }

    /** Returns what was seen last on each leg, though it may not give its block now. */
    static List<Sight> newest(List<Sight> before, List<Sight> now) {
        return IntStream.range(0, now.size())
                .mapToObj(i -> now.get(i).kind == Kind.UNREADABLE ? before.get(i) : now.get(i))
                .toList();
    }

    /** The highest number of beats that a mark shows. */
    static long beats(List<Sight> all) {
        return all.stream()
                .map(Sight::mark)
                .filter(Objects::nonNull)
                .mapToLong(OwnerMark::beat)
                .max()
                .orElse(0);
    }

    /** Whether no leg could be read. */
    static boolean isBlind(List<Sight> all) {
        return all.stream().allMatch(sight -> sight.kind == Kind.UNREADABLE);
    }

    /** Of what this owner and all owners that were seen promise: the terms by which the others wait longest. */
    static OwnerTerms longest(List<Sight> all, OwnerTerms mine) {
        Stream<OwnerTerms> others =
                all.stream().map(Sight::mark).filter(Objects::nonNull).map(OwnerMark::terms);
        return Stream.concat(Stream.of(mine), others)
                .max(Comparator.comparingLong(OwnerTerms::watchNanos))
                .orElse(mine);
    }

    /** Returns who is or was there: the owner that may still be there, or the last one. */
    static Optional<MirrorOwner> owner(List<Sight> all) {
        return all.stream()
                .map(Sight::mark)
                .filter(Objects::nonNull)
                .max((one, other) -> one.owner().open() != other.owner().open()
                        ? Boolean.compare(one.isHeldBeside(all), other.isHeldBeside(all))
                        : Long.compare(one.beat(), other.beat()))
                .map(OwnerMark::owner);
    }

    boolean isHeld(List<Sight> all, OwnerHost here) {
        return kind == Kind.DAMAGED || (mark != null && mark.isHeldBeside(all) && !here.isDead(mark));
    }
}
