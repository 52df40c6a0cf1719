package io.dmio.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.test.StepVerifier;

/** What meters and flight recordings hear of a device, failures first. */
class MeteredDeviceTest {

    private static final BlockOp WRITE = new BlockOp.Write(8, Unpooled.buffer(4096, 4096), false);

    private final FaultyDevice faulty = FaultyDevice.of(MemoryDevice.of("disk", 1 << 20));
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final MeteredDevice device = MeteredDevice.of(faulty, MicrometerMeter.of(registry, faulty.info()));

    @Test
    void aFailureIsTimedUnderItsErrnoAndMovesNoBytes() {
        faulty.plan(Fault.errno(Errno.EREMOTEIO));
        StepVerifier.create(device.submit(WRITE)).verifyError();
        assertThat(timed("write", "EREMOTEIO")).isOne();
        assertThat(timed("write", "OK")).isZero();
        assertThat(bytes("write")).isZero();
        assertThat(inFlight()).isZero();
    }

    @Test
    void aCancelledOpIsCountedOnceAndItsLateAnswerIsNot() {
        faulty.stall();
        device.submit(WRITE).subscribe().dispose();
        faulty.release();
        assertThat(timed("write", "CANCELLED")).isOne();
        assertThat(timed("write", "OK")).isZero();
        assertThat(inFlight()).isZero();
    }

    @Test
    void successCountsTimeAndBytesByKindBeforeTheSubscriberHears() {
        StepVerifier.create(device.submit(WRITE)
                        .doOnSuccess(done -> assertThat(bytes("write")).isEqualTo(4096)))
                .verifyComplete();
        device.submit(new BlockOp.Discard(0, 16)).repeat(2).blockLast();
        device.submit(new BlockOp.Flush()).block();
        assertThat(List.of(timed("write", "OK"), timed("discard", "OK"), timed("flush", "OK"), timed("read", "OK")))
                .containsExactly(1L, 3L, 1L, 0L);
        assertThat(bytes("discard")).isEqualTo(3 * 16 * 512);
    }

    @Test
    void opsInFlightAreAGauge() {
        faulty.stall();
        StepVerifier.create(device.submit(WRITE).and(device.submit(WRITE)))
                .then(() -> assertThat(inFlight()).isEqualTo(2))
                .then(faulty::release)
                .verifyComplete();
        assertThat(inFlight()).isZero();
    }

    @Test
    void nothingIsCountedBeforeSubscribe() {
        assertThat(device.submit(WRITE)).isNotNull();
        assertThat(inFlight()).isZero();
        assertThat(faulty.ops()).isZero();
    }

    @Test
    void aFlightRecordingThatAsksGetsOneEventForEachOp(@TempDir Path directory) throws IOException {
        faulty.plan(Fault.errno(Errno.EIO).nth(2), Fault.stalled().nth(3));
        List<RecordedEvent> events =
                recorded(directory, recording -> recording.enable(IoEvent.class).withThreshold(Duration.ZERO));
        assertThat(events).hasSize(3);
        assertThat(events.get(0).getString("device")).isEqualTo("disk");
        assertThat(events.get(0).getString("kind")).isEqualTo("write");
        assertThat(events.get(0).getLong("sector")).isEqualTo(8);
        assertThat(events.get(0).getLong("bytes")).isEqualTo(4096);
        assertThat(events.get(0).getDuration()).isPositive();
        assertThat(events).extracting(event -> event.getString("result")).containsExactly("OK", "EIO", "CANCELLED");
    }

    @Test
    void aFlightRecordingThatDoesNotAskGetsNone(@TempDir Path directory) throws IOException {
        assertThat(recorded(directory, recording -> {})).isEmpty();
    }

    @Test
    void aThresholdKeepsTheSlowOnesOnly(@TempDir Path directory) throws IOException {
        assertThat(recorded(directory, recording -> recording.enable("dmio.Io").withThreshold(Duration.ofHours(1))))
                .isEmpty();
    }

    private List<RecordedEvent> recorded(Path directory, Consumer<Recording> settings) throws IOException {
        Path file = directory.resolve("io.jfr");
        try (Recording recording = new Recording()) {
            settings.accept(recording);
            recording.start();
            MeteredDevice recorded = MeteredDevice.of(faulty, DeviceMeter.none());
            recorded.submit(WRITE).block();
            recorded.submit(WRITE).onErrorComplete().block();
            recorded.submit(WRITE).subscribe().dispose();
            faulty.release();
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("dmio.Io"))
                .toList();
    }

    private long timed(String kind, String result) {
        return Optional.ofNullable(registry.find("dmio.io")
                        .tags("device", "disk", "kind", kind, "result", result)
                        .timer())
                .map(timer -> {
                    assertThat(timer.totalTime(TimeUnit.NANOSECONDS) > 0).isEqualTo(timer.count() > 0);
                    return timer.count();
                })
                .orElse(0L);
    }

    private double bytes(String kind) {
        return registry.get("dmio.io.bytes").tags("kind", kind).counter().count();
    }

    private double inFlight() {
        return registry.get("dmio.io.inflight").gauge().value();
    }
}
