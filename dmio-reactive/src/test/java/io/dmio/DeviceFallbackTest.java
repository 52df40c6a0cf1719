package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.testkit.ManualDevice;
import io.dmio.testkit.Patterns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.test.StepVerifier;

/** What is asked of the device behind, in which order, and what becomes of parts of which one fails. */
class DeviceFallbackTest {

    private static final int PIECE = 8; // sectors of a transfer

    private final ByteBuf bytes = Unpooled.wrappedBuffer(Patterns.bytes(0, PIECE, 1));

    @Test
    void whatTheDeviceCanItIsAskedForAsItIs() {
        ManualDevice able = with(EnumSet.complementOf(EnumSet.of(Capability.READ_ONLY)));
        List<BlockOp> ops = List.of(
                new BlockOp.Read(0, bytes),
                new BlockOp.Write(0, bytes, true),
                new BlockOp.Flush(),
                new BlockOp.Discard(0, 100),
                new BlockOp.WriteZeroes(0, 100));
        ops.forEach(op -> DeviceFallback.of(able).submit(op).subscribe());
        assertThat(able.ops()).isEqualTo(ops);
    }

    @Test
    void aForcedWriteIsFlushedOnceItIsAnswered() {
        ManualDevice device = with(Set.of(Capability.FLUSH));
        var ended = DeviceFallback.of(device)
                .submit(new BlockOp.Write(8, bytes, true))
                .toFuture();
        assertThat(device.ops()).containsExactly(new BlockOp.Write(8, bytes, false));
        device.answer(0);
        assertThat(device.ops().get(1)).isEqualTo(new BlockOp.Flush());
        assertThat(ended).isNotDone();
        device.answer(1);
        assertThat(ended).isCompleted();
    }

    @Test
    void aDeviceIsFlushedOnceAtATimeWhoeverAsksAndThoseWhoWaitShareTheNext() {
        ManualDevice device = with(Set.of(Capability.FLUSH));
        var first = DeviceFallback.of(device).submit(new BlockOp.Flush()).toFuture();
        var second = DeviceFallback.inOrder(device).submit(new BlockOp.Flush()).toFuture();
        var third = DeviceFallback.of(device).submit(new BlockOp.Flush()).toFuture();
        assertThat(device.ops()).hasSize(1);
        device.answer(0);
        assertThat(first).isCompleted();
        assertThat(device.ops()).hasSize(2);
        device.answer(1);
        assertThat(second).isCompleted();
        assertThat(third).isCompleted();
    }

    /** Equal to all others of its kind, as a record without parts is. */
    private static final class Twin extends ForwardingDevice {
        private final ManualDevice device;

        Twin() {
            this(with(Set.of(Capability.FLUSH)));
        }

        private Twin(ManualDevice device) {
            super(device);
            this.device = device;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Twin;
        }

        @Override
        public int hashCode() {
            return 1;
        }
    }

    @Test
    void devicesThatAreEqualAreFlushedEach() {
        Twin one = new Twin();
        Twin other = new Twin();
        DeviceFallback.of(one).submit(new BlockOp.Flush()).subscribe();
        DeviceFallback.of(other).submit(new BlockOp.Flush()).subscribe();
        assertThat(one.device.ops()).hasSize(1);
        assertThat(other.device.ops()).hasSize(1);
    }

    // It told one of them, and may have lost what the others wait for.
    @Test
    void aFlushThatFailsIsToldToAllWhoWait() {
        ManualDevice device = with(Set.of(Capability.FLUSH));
        var first = DeviceFallback.of(device).submit(new BlockOp.Flush()).toFuture();
        var second = DeviceFallback.of(device).submit(new BlockOp.Flush()).toFuture();
        device.fail(0, Errno.EIO);
        assertThat(first).isCompletedExceptionally();
        assertThat(second).isCompletedExceptionally();
        assertThat(device.ops()).hasSize(1);
    }

    @Test
    void aWriteThatIsForcedByAFlushFailsIfAnotherFlushFailedSinceItBegan() {
        ManualDevice device = with(Set.of(Capability.FLUSH));
        var forced = DeviceFallback.of(device)
                .submit(new BlockOp.Write(8, bytes, true))
                .toFuture();
        DeviceFallback.of(device).submit(new BlockOp.Flush()).onErrorComplete().subscribe();
        device.fail(1, Errno.EIO); // and what was written is lost
        device.answer(0);
        device.answer(2);
        assertThat(forced).isCompletedExceptionally();
        var later = DeviceFallback.of(device)
                .submit(new BlockOp.Write(8, bytes, true))
                .toFuture();
        device.answer(3);
        device.answer(4);
        assertThat(later).isCompleted();
    }

    @Test
    void aForcedWriteThatFailedIsNotFlushed() {
        ManualDevice device = with(Set.of(Capability.FLUSH));
        var ended = DeviceFallback.of(device)
                .submit(new BlockOp.Write(8, bytes, true))
                .toFuture();
        device.fail(0, Errno.EIO);
        assertThat(ended).isCompletedExceptionally();
        assertThat(device.ops()).hasSize(1);
    }

    @Test
    void withoutACacheThereIsNothingToFlush() {
        ManualDevice device = with(Set.of());
        DeviceFallback.of(device).submit(new BlockOp.Flush()).block();
        var ended = DeviceFallback.of(device)
                .submit(new BlockOp.Write(8, bytes, true))
                .toFuture();
        device.answer(0);
        assertThat(ended).isCompleted();
        assertThat(device.ops()).containsExactly(new BlockOp.Write(8, bytes, false));
    }

    @Test
    void aDiscardLeavesZeroesWhateverTheDeviceDoesWithIts() {
        ManualDevice device = with(Set.of(Capability.DISCARD, Capability.WRITE_ZEROES));
        DeviceFallback.of(device).submit(new BlockOp.Discard(8, 16)).subscribe();
        assertThat(device.ops()).containsExactly(new BlockOp.WriteZeroes(8, 16));
    }

    @Test
    void zeroesAreWrittenInTransfersOfTheDeviceSomeAtATime() {
        ManualDevice device = with(Set.of());
        var ended = DeviceFallback.of(device)
                .submit(new BlockOp.WriteZeroes(8, 9 * PIECE + 1))
                .toFuture();
        assertThat(device.ops()).hasSize(8);
        device.answerFrom(0);
        assertThat(ended).isCompleted();
        for (int i = 0; i < 10; i++) {
            BlockOp.Write write = (BlockOp.Write) device.ops().get(i);
            assertThat(write.sector()).isEqualTo(8L + (long) i * PIECE);
            assertThat(write.sectorCount()).isEqualTo(i < 9 ? PIECE : 1);
            assertThat(PagePool.isZero(write.from().nioBuffer(), 0, write.from().capacity()))
                    .isTrue();
        }
    }

    @Test
    void inOrderOnePieceFollowsTheOther() {
        ManualDevice device = with(Set.of());
        DeviceFallback.inOrder(device)
                .submit(new BlockOp.WriteZeroes(0, 3 * PIECE))
                .subscribe();
        for (int i = 0; i < 3; i++) {
            assertThat(device.ops()).hasSize(i + 1);
            device.answer(i);
        }
        assertThat(device.ops()).hasSize(3);
    }

    @Test
    void afterAFailureNoMoreIsBegunAndTheFirstIsToldOnceAllInFlightHaveEnded() {
        ManualDevice device = with(Set.of());
        var ended = DeviceFallback.of(device)
                .submit(new BlockOp.WriteZeroes(0, 100 * PIECE))
                .toFuture();
        device.fail(3, Errno.ENOSPC);
        assertThat(ended).isNotDone();
        device.fail(7, Errno.EIO);
        for (int i : new int[] {0, 1, 2, 4, 5, 6}) {
            device.answer(i);
        }
        assertThat(device.ops()).hasSize(8);
        assertThat(ended)
                .failsWithin(Duration.ZERO)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOfSatisfying(
                        DeviceException.class,
                        first -> assertThat(first.errno()).isEqualTo(Errno.ENOSPC));
    }

    @Test
    void aRangeBeyondTheEndIsRefusedBeforeItsFirstPartIsWritten() {
        ManualDevice device = with(Set.of());
        StepVerifier.create(DeviceFallback.of(device).submit(new BlockOp.WriteZeroes(1016, 2 * PIECE)))
                .verifyErrorSatisfies(
                        error -> assertThat(((DeviceException) error).errno()).isEqualTo(Errno.ENOSPC));
        assertThat(device.ops()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(BlockOp.Kind.class)
    void aReadOnlyDeviceStaysOne(BlockOp.Kind kind) {
        DeviceInfo info = DeviceFallback.of(with(Set.of(Capability.READ_ONLY))).info();
        assertThat(info.refusal(kind, 0, 0).isPresent()).isEqualTo(kind.changes());
    }

    private static ManualDevice with(Set<Capability> capabilities) {
        return new ManualDevice(DeviceInfo.of("device", 1024, "manual")
                .withTransferBytesMax((int) Sectors.toBytes(PIECE))
                .withCapabilities(capabilities));
    }
}
