package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.testkit.Patterns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** A stream keeps to what holds of every transfer: of a region that a device refuses nothing is transferred. */
class StreamBeyondTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final MemoryDevice small = MemoryDevice.of("small", 16);
    private final MemoryDevice large = MemoryDevice.of("large", 64);
    private final DmIo io = DmIo.create().get(8);

    @Test
    void ofARegionBeyondTheEndNothingIsWritten() {
        ErrorBits bits = io.write(List.of(new IoRegion(large, 0, 16), new IoRegion(small, 8, 16)), sectors(16))
                .blockOptional(PATIENCE)
                .orElseThrow();

        assertThat(bits).isEqualTo(ErrorBits.ofBits(0b10));
        assertThat(bits.cause(1).orElseThrow().errno()).isEqualTo(Errno.ENOSPC);
        assertThat(small.snapshot(0, 16)).isEqualTo(new byte[16 * 512]);
        assertThat(large.snapshot(0, 16)).as("its neighbour").isEqualTo(Patterns.bytes(0, 16, 1));
    }

    @Test
    void aNeighbourThatIsShorterThanTheRefusedOneIsToldOfWhatDidNotFit() {
        ErrorBits bits = io.write(List.of(new IoRegion(large, 0, 8), new IoRegion(small, 8, 16)), sectors(16))
                .blockOptional(PATIENCE)
                .orElseThrow();

        assertThat(bits).isEqualTo(ErrorBits.ofBits(0b11));
        assertThat(large.snapshot(0, 8)).isEqualTo(Patterns.bytes(0, 8, 1));
    }

    @Test
    void aRegionOfPartBlocksIsRefusedWhole() {
        MemoryDevice blocks =
                MemoryDevice.of(DeviceInfo.of("blocks", 64, "memory").withBlocks(4096, 4096));
        for (IoRegion odd : List.of(new IoRegion(blocks, 8, 12), new IoRegion(blocks, 4, 8))) {
            ErrorBits bits =
                    io.write(List.of(odd), sectors(8)).blockOptional(PATIENCE).orElseThrow();
            assertThat(bits.cause(0).orElseThrow().errno()).isEqualTo(Errno.EINVAL);
        }
        assertThat(blocks.snapshot(0, 64)).isEqualTo(new byte[64 * 512]);
    }

    @Test
    void ofARegionBeyondTheEndNothingIsRead() {
        StepVerifier.create(io.read(new IoRegion(small, 8, 16), 1))
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOfSatisfying(
                                DeviceException.class,
                                refusal -> assertThat(refusal.errno()).isEqualTo(Errno.EIO)))
                .verify(PATIENCE);
    }

    private static Flux<ByteBuf> sectors(int count) {
        return Flux.range(0, count).map(i -> Unpooled.wrappedBuffer(Patterns.bytes(i, 1, 1)));
    }
}
