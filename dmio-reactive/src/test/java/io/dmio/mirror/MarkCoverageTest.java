package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which legs have to carry an owner's mark, in all states of a few legs: legs come in and are dropped, write their mark or fail to,
 * and owners crash and start again with any legs that may start. {@link TenureTest} has the times.
 */
class MarkCoverageTest {

    private static final int LEGS = 4;

    /**
     * One owner, and what is on the legs.
     *
     * @param in who takes part
     * @param marked who has the owner's mark, and gets the next one
     * @param records what each leg says of who takes part
     * @param ages how many changes ago each of them was written, as a rank
     */
    private record World(int in, int marked, List<Integer> records, List<Integer> ages) {

        World change(int to, int written, int nowMarked) {
            List<Integer> says = new ArrayList<>(records);
            List<Integer> old = new ArrayList<>(ages);
            for (int leg = 0; leg < LEGS; leg++) {
                says.set(leg, has(written, leg) ? to : says.get(leg));
                old.set(leg, has(written, leg) ? -1 : old.get(leg));
            }
            List<Integer> ranks = old.stream().distinct().sorted().toList();
            return new World(
                    to, nowMarked, says, old.stream().map(ranks::indexOf).toList());
        }

        /** Whether these legs start a mirror without an operator's word, by the newest record that they have. */
        boolean starts(int these, int legsMin) {
            int head = head(these);
            int absent = Integer.bitCount(head & ~these);
            int present = Integer.bitCount(head & these);
            return present > 0 && (absent == 0 || (absent < legsMin && present >= legsMin));
        }

        /** What the newest record of these legs says. */
        int head(int these) {
            return IntStream.range(0, LEGS)
                    .filter(leg -> has(these, leg))
                    .boxed()
                    .min(Comparator.comparing(ages::get))
                    .map(records::get)
                    .orElse(0);
        }
    }

    private static boolean has(int mask, int leg) {
        return (mask >> leg & 1) != 0;
    }

    /**
     * What is tried.
     *
     * @param markFirst a leg has the mark before it is on record that it takes part
     * @param fails marks may fail to be written
     * @param slack so many more legs may be without one
     */
    private record How(boolean markFirst, boolean fails, int slack) {

        boolean suffices(int in, int marked, int legsMin) {
            int legs = Integer.bitCount(in);
            int count = Integer.bitCount(in & marked);
            return count > 0 && legs - count <= ClaimLegs.spare(legs, legsMin) + slack;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void whateverLegsStartOneOfThemHasTheMarkOfAnOwnerThatTakesWrites(int legsMin) {
        assertThat(search(legsMin, new How(true, true, 0))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void anOwnerWhoseMarksCanAllBeWrittenCanAlwaysRenewThem(int legsMin) {
        assertThat(search(legsMin, new How(true, false, 0))).isEmpty();
    }

    /** It is what went wrong: legs that have come in count, and have no mark. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void ifLegsComeInBeforeTheyHaveTheMarkTheOwnerCannotRenewIt(int legsMin) {
        assertThat(search(legsMin, new How(false, false, 0))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void ifOneLegMoreMayBeWithoutAMarkAStartMissesTheOwner(int legsMin) {
        assertThat(search(legsMin, new How(true, true, 1))).isPresent();
    }

    /** All states; one that is wrong, if there is. */
    private static Optional<World> search(int legsMin, How how) {
        Set<World> seen = new HashSet<>();
        ArrayDeque<World> todo = new ArrayDeque<>();
        int all = (1 << LEGS) - 1;
        World first = new World(all, all, List.of(all, all, all, all), List.of(0, 0, 0, 0));
        seen.add(first);
        todo.add(first);
        while (!todo.isEmpty()) {
            World world = todo.remove();
            boolean acts = how.suffices(world.in, world.marked, legsMin);
            boolean writes = acts && Integer.bitCount(world.in) >= legsMin;
            for (int these = 1; writes && these <= all; these++) {
                if (world.starts(these, legsMin) && (these & world.in & world.marked) == 0) {
                    return Optional.of(world);
                }
            }
            if (!how.fails && !acts) {
                return Optional.of(world);
            }
            for (World next : steps(world, how, legsMin)) {
                if (seen.add(next)) {
                    todo.add(next);
                }
            }
        }
        assertThat(seen.size()).isGreaterThan(50);
        return Optional.empty();
    }

    private static List<World> steps(World world, How how, int legsMin) {
        List<World> next = new ArrayList<>();
        for (int leg = 0; leg < LEGS; leg++) {
            int bit = 1 << leg;
            boolean in = has(world.in, leg);
            int without = world.in & ~bit;
            if (in && without != 0) { // dropped: on record with the others
                next.add(world.change(without, without, world.marked & ~bit));
            }
            if (in && how.fails) { // it fails to write a mark, and cannot be spared; or writes one
                next.add(world.change(world.in, 0, world.marked & ~bit));
            }
            if (in && how.suffices(world.in, world.marked, legsMin)) {
                next.add(world.change(world.in, 0, world.marked | bit));
            }
            if (!in && how.suffices(world.in, world.marked, legsMin)) { // comes in: on record with the others first
                int marked = how.markFirst ? world.marked | bit : world.marked & ~bit;
                next.add(world.change(world.in | bit, world.in, marked));
                next.add(world.change(world.in | bit, world.in | bit, marked));
            }
        }
        for (int these = 1; these < 1 << LEGS; these++) { // a crash, and a start of these, with marks on enough of them
            if (world.starts(these, legsMin)) {
                int in = world.head(these) & these;
                for (int marked = in; marked != 0; marked = how.fails ? (marked - 1) & in : 0) {
                    if (how.suffices(in, marked, legsMin)) {
                        next.add(world.change(in, in, marked));
                    }
                }
            }
        }
        return next;
    }
}
