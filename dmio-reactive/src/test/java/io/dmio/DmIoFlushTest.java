package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.testkit.ManualDevice;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** A device tells of what it lost to one flush only: whoever else waits for one of that device hears of it by the client. */
class DmIoFlushTest {

    private final DmIo io = DmIo.create().get(16);
    private final DmIo other = DmIo.create().get(16);
    private final ManualDevice device = new ManualDevice(
            DeviceInfo.of("disk", 64, "manual").withCapabilities(Set.of(Capability.FLUSH))); // as a file is
    private final IoRegion region = new IoRegion(device, 0, 1);

    @AfterEach
    void nothingIsLeft() {
        for (DmIo client : List.of(io, other)) {
            client.close().block(Duration.ofSeconds(10));
            assertThat(client.budget().inUse()).isZero();
        }
    }

    @Test
    void aFlushThatFailsIsToldToAllWhoWaitForOneOfThatDevice() {
        CompletableFuture<ErrorBits> first = io.flush(List.of(region)).toFuture();
        CompletableFuture<ErrorBits> second =
                other.flush(List.of(new IoRegion(device, 32, 1))).toFuture();
        device.fail(0, Errno.EIO); // a second flush would be good: the loss has been told
        assertThat(first).isCompletedWithValue(ErrorBits.ofBits(0b1));
        assertThat(second).isCompletedWithValue(ErrorBits.ofBits(0b1));
        assertThat(device.ops()).hasSize(1);
    }

    @Test
    void whoAsksWhileADeviceIsFlushedSharesTheNextFlush() {
        CompletableFuture<ErrorBits> first = io.flush(List.of(region)).toFuture();
        CompletableFuture<ErrorBits> second = io.flush(List.of(region, region)).toFuture();
        CompletableFuture<ErrorBits> third = other.flush(List.of(region)).toFuture();
        device.answer(0);
        assertThat(first).isCompletedWithValue(ErrorBits.NONE);
        assertThat(second).isNotDone(); // what it waits for may have been written after the first had begun
        device.answer(1);
        assertThat(second).isCompletedWithValue(ErrorBits.NONE);
        assertThat(third).isCompletedWithValue(ErrorBits.NONE);
        assertThat(device.ops()).hasSize(2);
    }

    @Test
    void aPreflushThatFailsIsToldToWhoWaitsForAFlush() {
        VmBuffer memory = VmBuffer.of(new byte[512]);
        CompletableFuture<ErrorBits> write = io.write(List.of(region), memory, WriteOptions.NONE.withPreflush())
                .toFuture();
        CompletableFuture<ErrorBits> flush = other.flush(List.of(region)).toFuture();
        device.fail(0, Errno.EIO);
        assertThat(write).isCompletedWithValue(ErrorBits.ofBits(0b1));
        assertThat(flush).isCompletedWithValue(ErrorBits.ofBits(0b1));
    }

    @Test
    void aWriteThatIsForcedByAFlushFailsIfAFlushOfAnotherClientFailedMeanwhile() {
        VmBuffer memory = VmBuffer.of(new byte[512]);
        CompletableFuture<ErrorBits> write =
                io.write(List.of(region), memory, WriteOptions.NONE.withFua()).toFuture();
        CompletableFuture<ErrorBits> flush = other.flush(List.of(region)).toFuture();
        device.fail(1, Errno.EIO); // it may be the write that was lost
        device.answer(0);
        device.answer(2);
        assertThat(flush).isCompletedWithValue(ErrorBits.ofBits(0b1));
        assertThat(write).isCompletedWithValue(ErrorBits.ofBits(0b1));
    }

    @Test
    void theSubscribersContextReachesTheDeviceThatIsFlushed() {
        StringBuilder seen = new StringBuilder();
        BlockDevice looking = new ForwardingDevice(device) {
            @Override
            public Mono<Void> submit(BlockOp op) {
                return Mono.deferContextual(context -> {
                    seen.append(context.getOrDefault("who", "nobody"));
                    return Mono.empty();
                });
            }
        };
        StepVerifier.create(io.flush(List.of(new IoRegion(looking, 0, 1)))
                        .contextWrite(context -> context.put("who", "me")))
                .expectNext(ErrorBits.NONE)
                .verifyComplete();
        assertThat(seen).hasToString("me");
    }
}
