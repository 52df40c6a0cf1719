package io.dmio.app.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.app.copy.FailedRanges.Range;
import io.dmio.copy.CopyService;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class DeviceCopyJobTest extends CopyFixture {

    private static final int PIECE_SECTORS = 128;

    private final CopyService service =
            CopyService.builder().pages(64).piecePages(16).build();

    @AfterEach
    void everyPageCameBack() {
        service.close().then(client.close()).block();
        assertThat(client.budget().inUse()).isZero();
        assertThat(service.budget().inUse()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 511, 512, 513, 4095, 4096, 4097, 65535, 65536, 65537, MIB - 1, MIB, MIB + 1})
    void everyLegHasTheBytesAndZeroesToTheEndOfTheBlock(int length) {
        byte[] bytes = random(length);
        a.load(0, filled(2 * MIB));
        CopyReport report = run(source(bytes), new CopySettings(true, true, false, false), a, b);
        assertThat(report.good()).isTrue();
        assertThat(report.bytes()).isEqualTo(length);
        assertThat(report.legs().get(0).sha256()).isEqualTo(report.sha256()).isPresent();
        byte[] expected = filled(2 * MIB);
        Arrays.fill(expected, 0, (length + 511) / 512 * 512, (byte) 0);
        System.arraycopy(bytes, 0, expected, 0, length);
        assertThat(a.snapshot(0, 2 * MIB / 512)).isEqualTo(expected);
        assertThat(Arrays.copyOf(b.snapshot(0, 2 * MIB / 512), length)).isEqualTo(bytes);
    }

    @Test
    void aFailingLegIsReportedWithItsRangesAndTheOthersAreComplete() {
        byte[] bytes = random(MIB);
        FaultyDevice failing = FaultyDevice.of(
                b,
                Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(300, 1),
                Fault.errno(Errno.ENODATA).on(BlockOp.Kind.WRITE).within(1000, 8));
        CopyReport report = run(source(bytes), CopySettings.DEFAULTS, a, failing);
        assertThat(report.good()).isFalse();
        assertThat(report.legs().get(0).good()).isTrue();
        assertThat(a.snapshot(0, MIB / 512)).isEqualTo(bytes);
        assertThat(report.legs().get(1).failed())
                .containsExactly(new Range(256, PIECE_SECTORS), new Range(896, PIECE_SECTORS));
    }

    @Test
    void aCopyEndsWhereTheSourceCannotBeReadAndTheLegsHaveAllBeforeIt() {
        byte[] bytes = random(MIB);
        DeviceSource source = source(bytes);
        FaultyDevice bad = FaultyDevice.of(source.device(), Fault.badSectors(1500, 1));
        CopyReport report = run(DeviceSource.of(bad), CopySettings.DEFAULTS, a, b);
        assertThat(report.good()).isFalse();
        assertThat(report.sourceFailure().orElseThrow()).contains("source");
        int whole = (int) report.bytes();
        assertThat(whole).isEqualTo(1500 / PIECE_SECTORS * PIECE_SECTORS * 512);
        assertThat(a.snapshot(0, whole / 512)).isEqualTo(Arrays.copyOf(bytes, whole));
        assertThat(b.snapshot(0, whole / 512)).isEqualTo(Arrays.copyOf(bytes, whole));
    }

    @Test
    void oneThatGoesOnLeavesOutTheBadBlocksAndNothingElse() {
        byte[] bytes = random(MIB);
        a.load(0, filled(MIB));
        FaultyDevice bad = FaultyDevice.of(source(bytes).device(), Fault.badSectors(1500, 2));
        CopyReport report = run(DeviceSource.of(bad), new CopySettings(true, true, true, false), a);
        assertThat(report.good()).isFalse();
        assertThat(report.unread()).containsExactly(new Range(1500, 2));
        assertThat(report.bytes()).isEqualTo(MIB);
        byte[] expected = bytes.clone();
        Arrays.fill(expected, 1500 * 512, 1502 * 512, (byte) 'z');
        assertThat(a.snapshot(0, MIB / 512)).isEqualTo(expected);
    }

    @Test
    void zeroesAreLeftOutOfNewFilesOnly() {
        byte[] bytes = random(MIB);
        Arrays.fill(bytes, 65536, 3 * 65536, (byte) 0);
        a.load(0, filled(MIB));
        FaultyDevice counted = FaultyDevice.of(b, FaultPlan.none());
        CopySettings sparse = new CopySettings(false, false, false, true);
        CopyReport punched = run(source(bytes), sparse, a);
        DeviceCopyJob job = new DeviceCopyJob(service, client, source(bytes), List.of(counted), sparse, true);
        CopyReport skipped = job.run().blockOptional().orElseThrow();
        assertThat(punched.good() && skipped.good()).isTrue();
        assertThat(a.snapshot(0, MIB / 512)).isEqualTo(bytes).isEqualTo(b.snapshot(0, MIB / 512));
        assertThat(counted.ops(BlockOp.Kind.WRITE)).isEqualTo(14);
        assertThat(counted.ops(BlockOp.Kind.WRITE_ZEROES)).isZero();
    }

    @Test
    void aCopyToNothingButFullLegsEndsThere() {
        FaultyDevice full = FaultyDevice.of(
                a, Fault.errno(Errno.ENOSPC).on(BlockOp.Kind.WRITE).after(2));
        FaultyDevice counted = FaultyDevice.of(source(random(4 * MIB)).device(), FaultPlan.none());
        CopyReport report = run(DeviceSource.of(counted), CopySettings.DEFAULTS, full);
        assertThat(report.legs().get(0).failure()).contains("ENOSPC");
        assertThat(counted.ops(BlockOp.Kind.READ)).isLessThan(4 * MIB / 512 / PIECE_SECTORS);
    }

    @Test
    void aStopDrainsWhatIsInFlightAndTheLegsHaveWhatIsReported() {
        byte[] bytes = random(2 * MIB);
        Sinks.Empty<Void> stop = Sinks.empty();
        FaultyDevice slow =
                FaultyDevice.of(b, Fault.stalled().on(BlockOp.Kind.WRITE).after(2));
        slow.whenStalled(1).subscribe(null, null, () -> {
            stop.tryEmitEmpty().orThrow();
            slow.plan(FaultPlan.none());
            slow.release();
        });
        CopyReport report = job(source(bytes), CopySettings.DEFAULTS, a, slow)
                .until(stop.asMono())
                .run()
                .blockOptional()
                .orElseThrow();
        assertThat(report.stopped()).isTrue();
        int taken = (int) report.bytes();
        assertThat(taken).isPositive().isLessThan(2 * MIB);
        assertThat(b.snapshot(0, taken / 512)).isEqualTo(Arrays.copyOf(bytes, taken));
        assertThat(a.snapshot(0, taken / 512)).isEqualTo(Arrays.copyOf(bytes, taken));
    }

    @Test
    void oneStoppedBeforeItBeganHasCopiedNothing() {
        CopyReport report = job(source(random(MIB)), CopySettings.DEFAULTS, a)
                .until(Mono.empty())
                .run()
                .blockOptional()
                .orElseThrow();
        assertThat(report.stopped()).isTrue();
        assertThat(report.bytes()).isZero();
    }

    private CopyReport run(DeviceSource source, CopySettings settings, BlockDevice... legs) {
        return job(source, settings, legs).run().blockOptional().orElseThrow();
    }

    private DeviceCopyJob job(DeviceSource source, CopySettings settings, BlockDevice... legs) {
        return new DeviceCopyJob(service, client, source, List.of(legs), settings, false);
    }

    /** Whole blocks on a device, and the odd bytes beside it. */
    private static DeviceSource source(byte[] bytes) {
        MemoryDevice device = MemoryDevice.of("source", bytes.length / 512);
        int whole = bytes.length / 512 * 512;
        device.load(0, Arrays.copyOf(bytes, whole));
        return new DeviceSource(
                device, bytes.length, Unpooled.wrappedBuffer(Arrays.copyOfRange(bytes, whole, bytes.length)));
    }
}
