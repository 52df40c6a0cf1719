package io.dmio.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Nobody who waits for a range is forgotten, whatever those before him do. */
class RangeLockTest {

    private final List<String> turns = new ArrayList<>();
    private boolean rejects;
    private final RangeLock lock = new RangeLock(locked -> {
        if (rejects) {
            throw new RejectedExecutionException("shut down");
        }
        locked.run();
    });

    @Test
    void whoThrowsInItsTurnTakesNoOthers() {
        RangeLock.Range all = lock.lock(0, 100, () -> turns.add("all"));
        RangeLock.Range thrower = lock.lock(0, 10, () -> {
            throw new IllegalStateException("by the first");
        });
        lock.lock(50, 10, () -> turns.add("second"));
        lock.lock(5, 10, () -> turns.add("behind the first"));

        assertThatIllegalStateException().isThrownBy(() -> lock.unlock(all)).withMessage("by the first");
        assertThat(turns).as("the first still has its range").containsExactly("all", "second");
        lock.unlock(thrower);
        assertThat(turns).containsExactly("all", "second", "behind the first");
    }

    @Test
    void whatCannotBeRunLeavesNothingLocked() {
        rejects = true;
        assertThatExceptionOfType(RejectedExecutionException.class)
                .isThrownBy(() -> lock.lock(0, 10, () -> turns.add("rejected")));
        rejects = false;
        lock.lock(0, 10, () -> turns.add("next"));
        assertThat(turns).containsExactly("next");
    }

    @Test
    void whoWaitedAndCannotBeRunIsPassedOver() {
        RangeLock.Range first = lock.lock(0, 10, () -> turns.add("first"));
        lock.lock(0, 10, () -> turns.add("rejected"));
        rejects = true;
        assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> lock.unlock(first));
        rejects = false;
        lock.lock(0, 10, () -> turns.add("next"));
        assertThat(turns).containsExactly("first", "next");
    }

    @Test
    void unlockingAgainIsHarmless() {
        RangeLock.Range first = lock.lock(0, 10, () -> turns.add("first"));
        lock.lock(0, 10, () -> turns.add("second"));
        lock.lock(0, 10, () -> turns.add("third"));
        lock.unlock(first);
        lock.unlock(first);
        assertThat(turns).containsExactly("first", "second");
    }
}
