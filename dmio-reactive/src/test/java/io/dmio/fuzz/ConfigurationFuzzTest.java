package io.dmio.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any number and any duration, to whatever takes one: it is taken and works, or is refused by a message that names it. {@code
 * docs/testing.md} tells how to look for more.
 */
class ConfigurationFuzzTest {

    private static final List<Consumer<Draw>> SUBJECTS = List.of(
            ClientNumbers::client,
            ClientNumbers::budget,
            ClientNumbers::regions,
            ClientNumbers::sectors,
            ClientNumbers::memory,
            ClientNumbers::operations,
            ClientNumbers::errorBits,
            ClientNumbers::streams,
            DeviceNumbers::deviceInfo,
            DeviceNumbers::memoryDevice,
            DeviceNumbers::faults,
            CopyNumbers::throttle,
            CopyNumbers::service,
            CopyNumbers::progress,
            OutsideNumbers::opening,
            OutsideNumbers::rings,
            OutsideNumbers::nbdClient,
            OutsideNumbers::nbdServer,
            OutsideNumbers::mirror);

    static Stream<byte[]> configurations() {
        return FuzzCorpus.seeds(ConfigurationFuzzTest.class, "configurations");
    }

    @Test
    void everyInputThatWasKeptIsTaken() {
        FuzzCorpus.of(ConfigurationFuzzTest.class, "configurations").forEach(this::aNumberIsTakenOrRefusedByItsValue);
    }

    @MethodSource("configurations")
    @FuzzTest(maxDuration = "")
    void aNumberIsTakenOrRefusedByItsValue(byte[] input) {
        Draw draw = new Draw(input);
        SUBJECTS.get(draw.below(SUBJECTS.size())).accept(draw);
    }
}
