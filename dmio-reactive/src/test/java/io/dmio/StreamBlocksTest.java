package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.testkit.Patterns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Where a stream ends inside a block: what each region gets is up to its own device, not to its neighbours'. */
class StreamBlocksTest {

    private static final StreamOptions PADDED = StreamOptions.NONE.withPadding();

    private final DmIo io = DmIo.create().get(16);
    private final MemoryDevice small = MemoryDevice.of("small", 64);
    private final MemoryDevice large =
            MemoryDevice.of(DeviceInfo.of("large", 64, "memory").withBlocks(4096, 4096));

    @Test
    void aRegionThatHasAllItsBytesIsNotTooShortForANeighboursPadding() {
        ErrorBits bits = write(9 * 512, PADDED, new IoRegion(small, 0, 9), IoRegion.all(large))
                .block();

        assertThat(bits).isEqualTo(ErrorBits.NONE);
        assertThat(small.snapshot(0, 9)).isEqualTo(Patterns.bytes(0, 9, 1));
        assertThat(large.snapshot(0, 16)).isEqualTo(Arrays.copyOf(Patterns.bytes(0, 9, 1), 8192));
    }

    @Test
    void aRegionIsFilledUpToItsOwnBlockOnly() {
        small.load(0, Patterns.bytes(0, 64, 7));
        ErrorBits bits = write(9 * 512 + 1, PADDED, IoRegion.all(small), IoRegion.all(large))
                .block();

        assertThat(bits).isEqualTo(ErrorBits.NONE);
        byte[] given = Arrays.copyOf(Patterns.bytes(0, 10, 1), 9 * 512 + 1);
        assertThat(small.snapshot(0, 10)).isEqualTo(Arrays.copyOf(given, 10 * 512));
        assertThat(small.snapshot(10, 54)).as("shorter than the region").isEqualTo(Patterns.bytes(10, 54, 7));
        assertThat(large.snapshot(0, 16)).isEqualTo(Arrays.copyOf(given, 8192));
    }

    @Test
    void aRegionGetsItsWholeBlocksWhateverANeighbourLacks() {
        StepVerifier.create(write(9 * 512, StreamOptions.NONE, IoRegion.all(small), IoRegion.all(large)))
                .expectErrorMatches(thrown -> thrown instanceof IllegalArgumentException
                        && String.valueOf(thrown.getMessage()).contains("512 bytes into a block of 4096"))
                .verify();

        assertThat(small.snapshot(0, 9)).isEqualTo(Patterns.bytes(0, 9, 1));
        assertThat(large.snapshot(0, 8)).isEqualTo(Patterns.bytes(0, 8, 1));
        assertThat(large.snapshot(8, 8)).isEqualTo(new byte[4096]);
    }

    @Test
    void blocksOfARegionThatIsFullDoNotMatter() {
        ErrorBits bits = write(9 * 512, StreamOptions.NONE, IoRegion.all(small), new IoRegion(large, 0, 8))
                .block();

        assertThat(bits).isEqualTo(ErrorBits.ofBits(0b10));
        assertThat(small.snapshot(0, 9)).isEqualTo(Patterns.bytes(0, 9, 1));
    }

    private Mono<ErrorBits> write(int bytes, StreamOptions options, IoRegion... regions) {
        Flux<ByteBuf> source = Flux.defer(() -> Flux.just(Unpooled.copiedBuffer(Patterns.bytes(0, 10, 1), 0, bytes)));
        return io.write(List.of(regions), source, options);
    }

    @Test
    void aDeviceThatNoLongerTellsItsBlocksEndsTheStream() {
        boolean[] broken = {false};
        BlockDevice device = new BlockDevice() {
            @Override
            public DeviceInfo info() {
                if (broken[0]) {
                    throw new NoClassDefFoundError("of a driver"); // operators throw it where they should signal it
                }
                return DeviceInfo.of("disk", 64, "net");
            }

            @Override
            public Mono<Void> submit(BlockOp op) {
                broken[0] = true;
                return Mono.empty();
            }

            @Override
            public Mono<Void> close() {
                return Mono.empty();
            }
        };
        Mono<ErrorBits> stream = DmIo.create()
                .get(4)
                .write(
                        List.of(IoRegion.all(device)),
                        Flux.range(0, 8).map(i -> Unpooled.buffer(4096).writerIndex(4096)));
        StepVerifier.create(stream).expectError(NoClassDefFoundError.class).verify(Duration.ofSeconds(10));
    }
}
