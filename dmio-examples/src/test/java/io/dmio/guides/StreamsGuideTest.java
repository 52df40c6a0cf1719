package io.dmio.guides;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.StreamOptions;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** docs/guide-streams.md. */
class StreamsGuideTest {

    private final DmIo io = DmIo.create().get(64);
    private final MemoryDevice a = MemoryDevice.of("a", 2048);
    private final MemoryDevice b = MemoryDevice.of("b", 2048);
    private final List<IoRegion> both = List.of(IoRegion.all(a), IoRegion.all(b));

    private static Flux<ByteBuf> buffers(int bytesEach, int count) {
        return Flux.range(0, count).map(i -> Unpooled.buffer(bytesEach).writeZero(bytesEach));
    }

    @Test
    void aStreamGoesToAllRegions() {
        Flux<ByteBuf> content = buffers(1000, 5); // of any lengths

        Mono<ErrorBits> written = io.write(both, content, StreamOptions.NONE.withPadding()); // releases each buffer

        assertThat(written.block()).isEqualTo(ErrorBits.NONE);
    }

    @Test
    void aRegionIsReadAsAStream() {
        CRC32C sum = new CRC32C();

        Mono<Void> summed = io.read(IoRegion.all(a), 16) // buffers of 16 pages, in order
                .doOnNext(buffer -> {
                    sum.update(buffer.nioBuffer());
                    buffer.release(); // each is yours
                })
                .then();

        summed.block();
        CRC32C zeroes = new CRC32C();
        zeroes.update(new byte[2048 * 512]);
        assertThat(sum.getValue()).isEqualTo(zeroes.getValue());
    }

    @Test
    void aSourceIsAskedOnlyForWhatHasRoom() {
        FaultyDevice stuck = FaultyDevice.of(a, Fault.stalled());
        AtomicLong given = new AtomicLong();
        Flux<ByteBuf> source = buffers(4096, 200).doOnNext(buffer -> given.incrementAndGet());
        Mono<ErrorBits> write = io.write(List.of(new IoRegion(stuck, 0, 1600)), source);
        CompletableFuture<ErrorBits> written = write.toFuture();
        assertThat(given.get()).isLessThanOrEqualTo(64 + 1); // the pages, and one that waits for its own
        stuck.plan(FaultPlan.none());
        stuck.release();
        assertThat(written.join()).isEqualTo(ErrorBits.NONE);
        assertThat(given).hasValue(200);
    }

    @Test
    void aStreamThatIsLongerThanARegionSetsItsBit() {
        List<IoRegion> places = List.of(new IoRegion(a, 0, 8), new IoRegion(b, 0, 64));

        ErrorBits failed = io.write(places, buffers(512, 64)).blockOptional().orElseThrow();

        assertThat(failed.toLong()).isEqualTo(0b01);
        assertThat(failed.cause(0).orElseThrow().errno()).isEqualTo(Errno.ENOSPC);
    }
}
