package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.dmio.DmIo;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.dmio.device.MemoryDevice;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers and times of both ends: taken and of use, or refused at once by a message that names them. */
class NbdLimitsTest {

    private static final Duration LONGEST = Duration.ofDays(36_500);

    @ParameterizedTest
    @ValueSource(strings = {"PT-1S", "PT876000H0.000000001S", "PT2562047788015215H30M7S"})
    void aTimeThatNoTimerTakesIsRefused(String text) {
        Duration time = Duration.parse(text);
        refuses(time, bad -> NbdOptions.DEFAULT.withTimeouts(bad, LONGEST));
        refuses(time, bad -> NbdOptions.DEFAULT.withTimeouts(LONGEST, bad));
        refuses(time, bad -> new NbdOptions(1, bad, LONGEST, LONGEST, AfterLoss.atOnce(), Optional.empty()));
        refuses(time, NbdServer.builder()::stallTimeout);
        refuses(time, NbdServer.builder()::handshakeTimeout);
        refuses(time, NbdServer.builder()::shutdownTimeout);
    }

    @Test
    void noTimeAtAllIsForShutdownOnly() {
        refuses(Duration.ZERO, bad -> NbdOptions.DEFAULT.withTimeouts(bad, LONGEST));
        refuses(Duration.ZERO, NbdServer.builder()::stallTimeout);
        refuses(Duration.ZERO, NbdServer.builder()::handshakeTimeout);
        assertThat(NbdServer.builder().shutdownTimeout(Duration.ZERO)).isNotNull();
    }

    @Test
    void aNumberIsRefusedAsItWasGiven() {
        refuses(0, NbdOptions.DEFAULT::withConnectionsMax);
        refuses(1025, NbdOptions.DEFAULT::withConnectionsMax); // all are opened at once
        refuses(0L, NbdServer.builder()::bytesInFlightMax);
        refuses(-697_884_800_123L, NbdServer.builder()::bytesInFlightMax);
        refuses(5000, length -> NbdExport.of("x".repeat(length), MemoryDevice.of("disk", 8)));
    }

    @Test
    void halfACharacterIsNoNameOfAnExport() {
        refuses("nbd://host/x\uD800", NbdUri::parse);
        refuses("x\uDC00", export -> NbdUri.tcp("host", 10809, export));
    }

    @Test
    void theLargestOfAllServe() {
        MemoryDevice disk = MemoryDevice.of("disk", 64);
        NbdServer.Builder largest = NbdServer.builder()
                .export(NbdExport.of("disk", disk))
                .connectionsMax(Integer.MAX_VALUE)
                .requestsMax(Integer.MAX_VALUE)
                .bytesInFlightMax(Long.MAX_VALUE)
                .pagesMax(Integer.MAX_VALUE)
                .stallTimeout(LONGEST)
                .handshakeTimeout(LONGEST);
        NbdOptions patient = new NbdOptions(4, LONGEST, LONGEST, LONGEST, AfterLoss.after(LONGEST), Optional.empty());
        try (NbdTestServer server = NbdTestServer.of(largest)) {
            NbdDevice remote = NbdDevice.open(server.server().uri("disk"), patient)
                    .blockOptional(NbdTestServer.PATIENCE)
                    .orElseThrow();
            DmIo io = DmIo.create().get(16);
            VmBuffer memory = VmBuffer.of(new byte[64 * 512]);
            assertThat(io.writeSync(List.of(IoRegion.all(remote)), memory).isClear())
                    .isTrue();
            assertThat(io.readSync(IoRegion.all(remote), memory).isClear()).isTrue();
            remote.close().block(NbdTestServer.PATIENCE);
        }
    }

    private static <T> void refuses(T value, Function<T, ?> option) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> option.apply(value))
                .withMessageContaining(value.toString().replace("nbd://host/", ""));
    }
}
