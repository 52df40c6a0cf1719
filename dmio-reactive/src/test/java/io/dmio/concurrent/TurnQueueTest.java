package io.dmio.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The turns of a range lock, each after the other and on the thread that unlocks. */
class TurnQueueTest {

    private final RangeLock locks = new RangeLock(new TurnQueue());
    private final List<String> turns = new ArrayList<>();

    @Test
    void overlappingRangesPassInTheOrderTheyCame() {
        RangeLock.Range first = range(0, 16, "first");
        RangeLock.Range second = range(8, 16, "second");
        RangeLock.Range third = range(16, 16, "third");

        assertThat(locks.enter(first)).isTrue();
        assertThat(locks.enter(second)).isFalse();
        assertThat(locks.enter(third)).isFalse();
        locks.unlock(first);
        assertThat(turns).containsExactly("second");
        locks.unlock(second);
        assertThat(turns).containsExactly("second", "third");
    }

    @Test
    void whoOverlapsNobodyGoesOnWhileTheTurnOfAnotherRuns() {
        RangeLock.Range first = range(0, 8, "first");
        List<Boolean> entered = new ArrayList<>();
        RangeLock.Range waits = new RangeLock.Range(
                0, 8, () -> entered.add(locks.enter(range(8, 8, "never left to another's thread"))));

        assertThat(locks.enter(first)).isTrue();
        assertThat(locks.enter(waits)).isFalse();
        locks.unlock(first);

        assertThat(entered).containsExactly(true);
        assertThat(turns).isEmpty();
    }

    @Test
    void aLongChainOfThoseWhoWaitDoesNotNest() {
        int count = 10_000;
        RangeLock.Range[] chain = new RangeLock.Range[count];
        for (int i = 0; i < count; i++) {
            int at = i;
            chain[i] = new RangeLock.Range(i, 2, () -> {
                turns.add("turn");
                locks.unlock(chain[at]);
            });
            assertThat(locks.enter(chain[i])).isEqualTo(i == 0);
        }

        locks.unlock(chain[0]);

        assertThat(turns).hasSize(count - 1);
    }

    private RangeLock.Range range(long sector, long count, String name) {
        return new RangeLock.Range(sector, count, () -> turns.add(name));
    }
}
