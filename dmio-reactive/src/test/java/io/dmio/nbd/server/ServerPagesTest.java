package io.dmio.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.Sectors;
import io.dmio.testkit.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How clients share the pages of their server. */
class ServerPagesTest {

    private static final int CLIENTS = 5;
    private static final int OWN = 3;
    private static final int COMMON = 16;
    private static final int ALL = COMMON + CLIENTS * OWN; // 31, and half of it is 15
    private static final SessionLimits LIMITS =
            new SessionLimits(CLIENTS, 1000, 1000L * Sectors.PAGE_BYTES, ALL, Duration.ofSeconds(1));

    private final ServerPages pages = new ServerPages(ALL, CLIENTS);
    private final List<Integer> called = new ArrayList<>();

    private Window client(int number) {
        return new Window(LIMITS, pages, () -> called.add(number));
    }

    private static boolean take(Window window, int count) {
        return window.take((long) count * Sectors.PAGE_BYTES);
    }

    private static boolean give(Window window, int count) {
        return window.give((long) count * Sectors.PAGE_BYTES);
    }

    @Test
    void whatIsAClientsOwnIsThereWhateverOthersDo() {
        Window greedy = client(0);
        assertThat(take(greedy, OWN + COMMON)).isTrue();
        assertThat(take(greedy, 1)).isFalse();
        assertThat(take(client(1), OWN + 1)).isFalse();
        for (int i = 2; i < CLIENTS; i++) {
            Window late = client(i);
            for (int page = 0; page < OWN; page++) {
                assertThat(take(late, 1)).isTrue();
            }
            assertThat(take(late, 1)).isFalse();
        }
        assertThat(pages.inUse()).isEqualTo(COMMON);
        assertThat(called).isEmpty();
    }

    @Test
    void aClientThatHasSomeIsNotCalledButAskedToComeBack() {
        Window holder = client(0);
        Window other = client(1);
        assertThat(take(holder, OWN + COMMON)).isTrue();
        assertThat(take(other, OWN)).isTrue();
        assertThat(take(other, 1)).isFalse();
        assertThat(pages.isWaitedFor()).isFalse();
        give(holder, COMMON);
        assertThat(called).isEmpty();
        assertThat(give(other, 1)).isTrue();
        assertThat(take(other, 2)).isTrue();
    }

    @Test
    void aPieceOfAPageCountsAsOneAndNothingAsNone() {
        Window window = client(0);
        assertThat(window.take(1)).isTrue();
        assertThat(window.take(0)).isTrue();
        assertThat(take(window, OWN - 1)).isTrue();
        assertThat(pages.inUse()).isZero();
        assertThat(window.take(1)).isTrue();
        assertThat(pages.inUse()).isEqualTo(1);
        window.give(0);
        window.give(1);
        assertThat(pages.inUse()).isZero();
    }

    @Test
    void whoHasNothingStandsInLineAndIsServedInTurn() {
        Window first = client(0);
        Window second = client(1);
        Window third = client(2);
        Window fourth = client(3);
        assertThat(take(first, OWN + 14)).isTrue();
        assertThat(take(second, OWN + 4)).isFalse();
        assertThat(take(third, OWN + 1)).isFalse(); // would fit, and waits for its turn
        assertThat(take(fourth, OWN + 16)).isFalse();
        assertThat(take(first, 1)).isFalse(); // nor does anybody take more meanwhile
        assertThat(give(first, 2)).isTrue();
        assertThat(called).containsExactly(1);
        assertThat(take(second, OWN + 4)).isTrue();
        give(first, 12);
        assertThat(called).containsExactly(1, 2);
        assertThat(take(third, OWN + 1)).isTrue();
        give(second, OWN + 4);
        assertThat(called).containsExactly(1, 2);
        give(third, OWN + 1);
        assertThat(called).containsExactly(1, 2, 3);
        assertThat(take(fourth, OWN + 16)).isTrue();
        assertThat(pages.isWaitedFor()).isFalse();
    }

    @Test
    void whatIsLargerThanAllThereIsGoesAlone() {
        Window small = client(0);
        Window large = client(1);
        assertThat(take(small, OWN + 1)).isTrue();
        assertThat(take(large, OWN + COMMON + 1)).isFalse();
        give(small, OWN + 1);
        assertThat(called).containsExactly(1);
        assertThat(take(small, OWN + 1)).isFalse();
        assertThat(take(large, OWN + COMMON + 1)).isTrue();
        give(large, OWN + COMMON + 1);
        assertThat(called).containsExactly(1, 0);
    }

    @Test
    void whoLeavesTheLineLetsOthersPassAndGivesBackWhatWasGranted() {
        Window holder = client(0);
        Window gone = client(1);
        Window next = client(2);
        assertThat(take(holder, OWN + 10)).isTrue();
        assertThat(take(gone, OWN + 16)).isFalse();
        assertThat(take(next, OWN + 4)).isFalse();
        gone.close();
        assertThat(called).containsExactly(2);
        next.close(); // granted, and never taken
        assertThat(pages.inUse()).isEqualTo(10);
        give(holder, OWN + 10);
        assertThat(pages.inUse()).isZero();
        gone.close();
        assertThat(pages.inUse()).isZero();
    }

    @Test
    void threadsThatTakeGiveAndLeaveAtRandomNeverExceedItAndAllGetTheirTurn() throws InterruptedException {
        long seed = Seed.random("pages").nextLong();
        AtomicInteger most = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int number = i;
            Thread thread = new Thread(() -> clients(new Random(seed + number), most));
            thread.setUncaughtExceptionHandler((who, why) -> {
                synchronized (failures) {
                    failures.add(why);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(60));
            assertThat(thread.isAlive())
                    .as("seed %d: somebody waits for ever", seed)
                    .isFalse();
        }
        assertThat(failures).as("seed %d", seed).isEmpty();
        assertThat(pages.inUse()).as("seed %d", seed).isZero();
        assertThat(most.get()).as("seed %d", seed).isLessThanOrEqualTo(COMMON);
    }

    /** Many clients one after the other, each with a few requests, some of which leave while they wait. */
    private void clients(Random random, AtomicInteger most) {
        for (int life = 0; life < 500; life++) {
            BlockingQueue<Boolean> calls = new ArrayBlockingQueue<>(1000);
            Window window = new Window(LIMITS, pages, () -> calls.add(true));
            int held = 0;
            for (int request = 0; request < 20; request++) {
                int wanted = random.nextInt(1, OWN + COMMON + 1);
                if (!take(window, wanted)) {
                    if (held > 0) {
                        give(window, held);
                        held = 0;
                        if (!take(window, wanted) && !waits(window, wanted, calls, random)) {
                            break;
                        }
                    } else if (!waits(window, wanted, calls, random)) {
                        break;
                    }
                }
                held += wanted;
                most.accumulateAndGet(pages.inUse(), Math::max);
            }
            window.close();
            give(window, held);
        }
    }

    private static boolean waits(Window window, int wanted, BlockingQueue<Boolean> calls, Random random) {
        if (random.nextInt(10) == 0) {
            return false;
        }
        try {
            if (calls.poll(60, TimeUnit.SECONDS) == null) {
                throw new AssertionError("never called");
            }
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
        if (!take(window, wanted)) {
            throw new AssertionError("called, and refused");
        }
        return true;
    }
}
