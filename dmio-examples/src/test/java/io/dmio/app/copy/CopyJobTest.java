package io.dmio.app.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.app.copy.FailedRanges.Range;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Sinks;

class CopyJobTest extends CopyFixture {

    @AfterEach
    void everyPageCameBack() {
        client.close().block();
        assertThat(client.budget().inUse()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 511, 512, 513, 4095, 4096, 4097, 65535, 65536, 65537, MIB - 1, MIB, MIB + 1})
    void everyLegHasTheBytesAndZeroesToTheEndOfTheBlock(int length) {
        byte[] bytes = random(length);
        MemoryDevice large =
                MemoryDevice.of(DeviceInfo.of("large", 4 * MIB / 512, "memory").withBlocks(4096, 4096));
        a.load(0, filled(2 * MIB));

        CopyReport report = run(stream(bytes), a, large);

        assertThat(report.good()).isTrue();
        assertThat(report.bytes()).isEqualTo(length);
        assertThat(report.sha256()).contains(sha256(bytes));
        int padded = (length + 511) / 512 * 512;
        byte[] expected = filled(2 * MIB);
        Arrays.fill(expected, 0, padded, (byte) 0);
        System.arraycopy(bytes, 0, expected, 0, length);
        assertThat(a.snapshot(0, 2 * MIB / 512)).isEqualTo(expected);
        assertThat(Arrays.copyOf(large.snapshot(0, 2 * MIB / 512), length)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 512, 4096, 65536, 66048, MIB + 512})
    void aDeviceIsASourceOfAllItsBlocks(int length) {
        byte[] bytes = random(length);
        MemoryDevice source = MemoryDevice.of("source", length / 512);
        source.load(0, bytes);
        CopyReport report = run(DeviceSource.of(source), a, b);
        assertThat(report.good()).isTrue();
        assertThat(report.sha256()).contains(sha256(bytes));
        assertThat(b.snapshot(0, length / 512)).isEqualTo(bytes);
    }

    @Test
    void aFailingLegIsReportedWithItsRangesAndTheOthersAreComplete() {
        byte[] bytes = random(MIB);
        FaultyDevice failing = FaultyDevice.of(
                b,
                Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(300, 1),
                Fault.errno(Errno.ENODATA).on(BlockOp.Kind.WRITE).within(1000, 8));

        CopyReport report = run(stream(bytes), a, failing);

        assertThat(report.good()).isFalse();
        assertThat(report.legs().get(0).good()).isTrue();
        assertThat(a.snapshot(0, MIB / 512)).isEqualTo(bytes);
        LegReport leg = report.legs().get(1);
        assertThat(leg.failed()).containsExactly(new Range(256, 128), new Range(896, 128));
        assertThat(leg.failure()).startsWith("b: failed with E").endsWith("undefined: sectors [256, 384) [896, 1024)");
    }

    @Test
    void aLegThatIsTooSmallForAStreamIsFullAndTheOtherComplete() {
        byte[] bytes = random(MIB);
        MemoryDevice small = MemoryDevice.of("small", 100);
        CopyReport report = run(stream(bytes), a, small);
        assertThat(report.bytes()).isEqualTo(MIB);
        assertThat(report.legs().get(1).failure()).contains("ENOSPC");
        assertThat(report.legs().get(0).good()).isTrue();
    }

    @Test
    void anEndlessSourceEndsWhenEveryLegIsFull() {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 7;
            }

            @Override
            public int read(byte[] into, int from, int length) {
                Arrays.fill(into, from, from + length, (byte) 7);
                return length;
            }
        };
        CopyReport report =
                run(new StreamSource("endless", endless), MemoryDevice.of("small", 100), MemoryDevice.of("less", 99));
        assertThat(report.legs()).noneMatch(LegReport::good);
        assertThat(report.bytes()).isLessThan(MIB);
    }

    @Test
    void aSourceThatFailsLeavesWhatItGaveOnEveryLeg() {
        byte[] bytes = random(65536);
        InputStream failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("unplugged");
            }

            @Override
            public int read(byte[] into, int from, int length) throws IOException {
                return read();
            }
        };
        InputStream both = new SequenceInputStream(new ByteArrayInputStream(bytes), failing);
        CopyReport report = run(new StreamSource("both", both), a, b);
        assertThat(report.sourceFailure()).contains("unplugged");
        assertThat(report.bytes()).isEqualTo(65536);
        assertThat(b.snapshot(0, 128)).isEqualTo(bytes);
    }

    @Test
    void aSourceDeviceThatFailsIsReportedWithItsErrno() {
        FaultyDevice source = FaultyDevice.of(
                MemoryDevice.of("source", 2048), Fault.errno(Errno.EIO).within(1500, 1));
        CopyReport report = run(DeviceSource.of(source), a, b);
        assertThat(report.sourceFailure().orElseThrow()).startsWith("EIO: source: read of sectors [");
        assertThat(report.bytes()).isLessThanOrEqualTo(1500 * 512);
    }

    @Test
    void aVerifiedLegThatLostAWriteIsFoundOut() {
        FaultyDevice lying =
                FaultyDevice.of(b, Fault.dropped().on(BlockOp.Kind.WRITE).nth(3));
        CopyJob job =
                new CopyJob(client, stream(random(MIB)), List.of(a, lying), new CopySettings(true, true, false, false));
        CopyReport report = job.run().blockOptional().orElseThrow();
        assertThat(report.legs().get(0).sha256()).isEqualTo(report.sha256());
        assertThat(report.legs().get(1).failure()).contains("EILSEQ").contains("reads back as other bytes");
    }

    @Test
    void aFlushThatFailsIsAFailureOfItsLegAlone() {
        FaultyDevice failing = FaultyDevice.of(b, Fault.errno(Errno.EIO).on(BlockOp.Kind.FLUSH));
        CopyReport report = run(stream(random(1000)), a, failing);
        assertThat(report.legs().get(0).good()).isTrue();
        assertThat(report.legs().get(1).good()).isFalse();
        assertThat(report.legs().get(1).failed()).isEmpty();
    }

    @Test
    void standardOutputGetsTheExactBytes() {
        byte[] bytes = random(100_001);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CopyReport report = new CopyJob(client, stream(bytes), List.of(a), CopySettings.DEFAULTS)
                .alsoTo(out)
                .run()
                .blockOptional()
                .orElseThrow();
        assertThat(report.good()).isTrue();
        assertThat(out.toByteArray()).isEqualTo(bytes);
    }

    @Test
    void aReaderOfStandardOutputThatLeavesFailsThatLegAlone() {
        OutputStream gone = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        byte[] bytes = random(MIB);
        CopyReport report = new CopyJob(client, stream(bytes), List.of(a), CopySettings.DEFAULTS)
                .alsoTo(gone)
                .run()
                .blockOptional()
                .orElseThrow();
        assertThat(report.legs().get(0).good()).isTrue();
        assertThat(report.legs().get(1).failure()).startsWith("standard output: failed with EPIPE (Broken pipe after ");
        assertThat(a.snapshot(0, MIB / 512)).isEqualTo(bytes);
    }

    @Test
    void aStopDrainsWhatIsInFlightAndTheLegsHaveWhatIsReported() {
        byte[] bytes = random(MIB);
        Sinks.Empty<Void> stop = Sinks.empty();
        FaultyDevice slow =
                FaultyDevice.of(b, Fault.stalled().on(BlockOp.Kind.WRITE).after(2));
        slow.whenStalled(1).subscribe(null, null, () -> {
            stop.tryEmitEmpty().orThrow();
            slow.plan(FaultPlan.none());
            slow.release();
        });
        CopyReport report = new CopyJob(client, stream(bytes), List.of(a, slow), CopySettings.DEFAULTS)
                .until(stop.asMono())
                .run()
                .blockOptional()
                .orElseThrow();
        assertThat(report.stopped()).isTrue();
        assertThat(report.bytes()).isPositive().isLessThanOrEqualTo(MIB);
        int taken = (int) report.bytes();
        assertThat(b.snapshot(0, taken / 512)).isEqualTo(Arrays.copyOf(bytes, taken));
    }

    private CopyReport run(ByteSource source, BlockDevice... legs) {
        return new CopyJob(client, source, List.of(legs), CopySettings.DEFAULTS)
                .run()
                .blockOptional()
                .orElseThrow();
    }

    private static ByteSource stream(byte[] bytes) {
        return new StreamSource("bytes", new ByteArrayInputStream(bytes));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
