package io.dmio.guides;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.IoRequest;
import io.dmio.RegionRetry;
import io.dmio.Replicas;
import io.dmio.VmBuffer;
import io.dmio.WriteOptions;
import io.dmio.device.DeadlineDevice;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.util.retry.Retry;

/** docs/guide-errors.md. */
class ErrorsGuideTest {

    private final DmIo io = DmIo.create().get(64);
    private final MemoryDevice good = MemoryDevice.of("good", 64);
    private final VmBuffer memory = VmBuffer.of(new byte[512]);

    private static byte[] filled() {
        byte[] sector = new byte[512];
        Arrays.fill(sector, (byte) 7);
        return sector;
    }

    private static List<IoRegion> sectors(BlockDevice... devices) {
        return List.of(devices).stream()
                .map(device -> new IoRegion(device, 0, 1))
                .toList();
    }

    @Test
    void aFailedRegionIsAValueWithItsCause() {
        BlockDevice bad = FaultyDevice.of(MemoryDevice.of("bad", 64), Fault.errno(Errno.EIO));

        ErrorBits failed = io.write(sectors(good, bad), memory).blockOptional().orElseThrow();

        assertThat(failed.isClear()).isFalse();
        assertThat(failed.failed(1)).isTrue();
        assertThat(failed.failedRegions().toArray()).containsExactly(1);
        DeviceException cause = failed.cause(1).orElseThrow();
        assertThat(cause.errno()).isEqualTo(Errno.EIO);
        assertThat(cause.device()).isEqualTo("bad");
    }

    @Test
    void whatIsToBeAllOrNothingSaysSo() {
        BlockDevice bad = FaultyDevice.of(MemoryDevice.of("bad", 64), Fault.errno(Errno.EIO));

        Mono<Void> allOrNothing = io.write(sectors(good, bad), memory).flatMap(ErrorBits::orError);

        StepVerifier.create(allOrNothing)
                .verifyErrorSatisfies(failure ->
                        assertThat(failure).isInstanceOf(DeviceException.class).hasMessageEndingWith("region 1"));
    }

    @Test
    void onlyWhatFailedIsDoneAgain() {
        FaultyDevice flaky = FaultyDevice.of(
                MemoryDevice.of("flaky", 64), Fault.errno(Errno.EIO).first(2));

        Mono<ErrorBits> stubborn = RegionRetry.run(
                io,
                IoRequest.write(sectors(good, flaky), memory, WriteOptions.NONE),
                Retry.backoff(3, Duration.ofMillis(1))
                        .filter(cause -> cause instanceof DeviceException failure && failure.errno() == Errno.EIO));

        StepVerifier.create(stubborn).expectNext(ErrorBits.NONE).verifyComplete();
    }

    @Test
    void aLegThatHangsIsOneThatFailed() {
        FaultyDevice hanging = FaultyDevice.of(MemoryDevice.of("hanging", 64), Fault.stalled());

        BlockDevice inTime = DeadlineDevice.of(hanging, Duration.ofMillis(20));

        ErrorBits failed =
                io.write(sectors(good, inTime), memory).blockOptional().orElseThrow();
        assertThat(failed.toLong()).isEqualTo(0b10);
        assertThat(failed.cause(1).orElseThrow().errno()).isEqualTo(Errno.ETIMEDOUT);
        hanging.release();
    }

    @Test
    void anyOfSeveralEqualRegionsIsRead() {
        FaultyDevice bad = FaultyDevice.of(MemoryDevice.of("bad", 64), Fault.errno(Errno.EIO));
        good.load(0, filled());

        Replicas replicas = Replicas.of(io, sectors(bad, good)); // kept: it knows which are busy, and which failed
        Replicas.Result read = replicas.read(memory).blockOptional().orElseThrow();

        assertThat(read.region()).isEqualTo(1);
        assertThat(read.failed().failed(0)).isTrue();
        assertThat(memory.buffer().getByte(0)).isEqualTo((byte) 7);
    }
}
