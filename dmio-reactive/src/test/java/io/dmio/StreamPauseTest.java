package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import io.dmio.testkit.Patterns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A source that is silent for a while: what it gave is not kept from the disk by what it may give. */
class StreamPauseTest {

    private final DmIo io = DmIo.create().get(64);
    private final List<ByteBuf> given = new ArrayList<>();

    @AfterEach
    void everyBufferIsReleased() {
        assertThat(io.budget().inUse()).isZero();
        assertThat(given).isNotEmpty().allMatch(buffer -> buffer.refCnt() == 0);
    }

    @Test
    void whatCameIsWrittenWhenTheSourceMakesAPause() {
        MemoryDevice disk = MemoryDevice.of("disk", 80);
        byte[] pattern = Patterns.bytes(0, 10, 1);
        underVirtualTime(clock -> {
            TestPublisher<ByteBuf> source = TestPublisher.create();
            var result = io.write(List.of(IoRegion.all(disk)), source.flux()).toFuture();
            source.next(give(pattern, 0, 5000)); // 9 sectors, and 392 bytes of the tenth
            clock.advanceTimeBy(StreamParts.LOOK.multipliedBy(2));
            assertThat(disk.snapshot(0, 9)).isEqualTo(Patterns.bytes(0, 9, 1));
            assertThat(disk.snapshot(9, 1)).as("not whole yet").isEqualTo(new byte[512]);

            source.next(give(pattern, 5000, 120));
            assertThat(disk.snapshot(9, 1)).as("no pause yet").isEqualTo(new byte[512]);
            clock.advanceTimeBy(StreamParts.LOOK.multipliedBy(2));
            assertThat(disk.snapshot(0, 10)).isEqualTo(pattern);

            clock.advanceTimeBy(Duration.ofDays(1));
            assertThat(result)
                    .as("a region that is not full waits for its source")
                    .isNotDone();
            source.complete();
            assertThat(result.join()).isEqualTo(ErrorBits.NONE);
        });
    }

    @Test
    void aSourceThatIsNotAskedMakesNoPause() {
        DmIo small = DmIo.create().get(4);
        ManualDevice manual = ManualDevice.of("manual", 1 << 20);
        underVirtualTime(clock -> {
            TestPublisher<ByteBuf> source = TestPublisher.create();
            var result =
                    small.write(List.of(IoRegion.all(manual)), source.flux()).toFuture();
            for (int i = 0; i < 4; i++) {
                source.next(give(new byte[4096], 0, 4096)); // each fills a part, and all take every page
            }
            clock.advanceTimeBy(Duration.ofMinutes(1));
            assertThat(manual.ops()).hasSize(4);
            source.complete();
            manual.answerFrom(0);
            assertThat(result.join()).isEqualTo(ErrorBits.NONE);
        });
    }

    @Test
    void aSourceThatStaysOpenAfterItHasFilledTheRegionIsLeftAfterAWhile() {
        MemoryDevice disk = MemoryDevice.of("disk", 8);
        byte[] pattern = Patterns.bytes(0, 8, 1);
        underVirtualTime(clock -> {
            TestPublisher<ByteBuf> source = TestPublisher.create();
            var result = io.write(List.of(IoRegion.all(disk)), source.flux()).toFuture();
            source.next(give(pattern, 0, 4096));
            assertThat(disk.snapshot(0, 8)).as("written at once").isEqualTo(pattern);
            clock.advanceTimeBy(StreamParts.LOOK.multipliedBy(StreamParts.FULL_LOOKS - 2));
            assertThat(result).as("may have more").isNotDone();
            source.assertNotCancelled();

            clock.advanceTimeBy(StreamParts.LOOK.multipliedBy(2));
            assertThat(result.join()).isEqualTo(ErrorBits.NONE);
            source.assertCancelled();
        });
    }

    @Test
    void oneByteMoreThanTheRegionHoldsEndsTheStreamAtOnce() {
        MemoryDevice disk = MemoryDevice.of("disk", 8);
        byte[] pattern = Patterns.bytes(0, 8, 1);
        TestPublisher<ByteBuf> source = TestPublisher.create();
        var result = io.write(List.of(IoRegion.all(disk)), source.flux()).toFuture();
        source.next(give(pattern, 0, 4096));
        assertThat(result).isNotDone();
        source.next(give(new byte[1], 0, 1));

        source.assertCancelled();
        assertThat(result.join().cause(0).orElseThrow().errno()).isEqualTo(Errno.ENOSPC);
        assertThat(disk.snapshot(0, 8)).isEqualTo(pattern);
    }

    private ByteBuf give(byte[] bytes, int from, int length) {
        ByteBuf buffer = Unpooled.buffer(length).writeBytes(bytes, from, length);
        given.add(buffer);
        return buffer;
    }

    private static void underVirtualTime(Consumer<VirtualTimeScheduler> test) {
        VirtualTimeScheduler clock = VirtualTimeScheduler.getOrSet();
        try {
            test.accept(clock);
        } finally {
            VirtualTimeScheduler.reset();
        }
    }
}
