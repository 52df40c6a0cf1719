package io.dmio.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.dmio.PagePool;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * Any sequence of calls, with memory of any kind, to devices that fail, lie and answer late, against a model of what every byte
 * may be. {@code docs/testing.md} tells how to look for more. An input is decisions in the order in which they are needed.
 */
class ApiFuzzTest {

    static {
        if (Boolean.getBoolean("fuzz")) {
            LeakCount.install();
        }
        LeakCount.spare(PagePool::zeroes); // it is made once
    }

    /** A stream looks at the clock now and then: at one that the input decides about. */
    @BeforeAll
    static void stopTheClock() {
        VirtualTimeScheduler.getOrSet();
    }

    @AfterAll
    static void startTheClock() {
        VirtualTimeScheduler.reset();
    }

    static Stream<byte[]> calls() {
        return FuzzCorpus.seeds(ApiFuzzTest.class, "calls");
    }

    @Test
    void everyInputThatWasKeptIsTaken() {
        FuzzCorpus.of(ApiFuzzTest.class, "calls").forEach(this::callsDoAsTheModelSays);
    }

    @MethodSource("calls")
    @FuzzTest(maxDuration = "")
    void callsDoAsTheModelSays(byte[] input) {
        new World(new Draw(input)).run();
    }
}
