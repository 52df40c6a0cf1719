package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.testkit.DeviceFixture;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The calls of one operation, with the test as the kernel. */
class SyscallSequenceTest extends DeviceFixture {

    private static final int EINTR = 4;
    private static final int EIO = 5;
    private static final int EAGAIN = 11;
    private static final int EINVAL = 22;
    private static final int EOPNOTSUPP = 95;

    @Test
    void aWholeAnswerIsDone() {
        ByteBuf memory = memory(8192);
        SyscallSequence calls = new SyscallSequence(new BlockOp.Write(8, memory, false), memory, buffered());
        assertThat(calls.call()).isEqualTo(SyscallSequence.Call.WRITE);
        assertThat(calls.offset()).isEqualTo(4096);
        assertThat(calls.address()).isEqualTo(Addresses.of(memory));
        assertThat(calls.length()).isEqualTo(8192);
        assertThat(calls.answered(8192)).isEqualTo(SyscallSequence.Next.DONE);
        calls.release();
    }

    @Test
    void onlyReadsOf256KibAndMoreThroughThePageCacheAreLongCopies() {
        FileQuirks direct = new FileQuirks(false, false, 512);
        ByteBuf large = memory(SyscallSequence.LONG_COPY_BYTES);
        ByteBuf less = memory(SyscallSequence.LONG_COPY_BYTES - 512);
        assertThat(new SyscallSequence(new BlockOp.Read(0, large), large, buffered()).isLongCopy())
                .isTrue();
        assertThat(new SyscallSequence(new BlockOp.Read(0, less), less, buffered()).isLongCopy())
                .isFalse();
        assertThat(new SyscallSequence(new BlockOp.Read(0, large), large, direct).isLongCopy())
                .isFalse();
        assertThat(new SyscallSequence(new BlockOp.Write(0, large, false), large, buffered()).isLongCopy())
                .isFalse();
    }

    @Test
    void aShortAnswerGoesOnAtEveryByteOfABufferedFile() {
        ByteBuf memory = memory(1024);
        for (int cut = 1; cut < 1024; cut++) {
            SyscallSequence calls = new SyscallSequence(new BlockOp.Read(1, memory), memory, buffered());
            assertThat(calls.answered(cut)).isEqualTo(SyscallSequence.Next.CALL);
            assertThat(calls.offset()).isEqualTo(512 + cut);
            assertThat(calls.address()).isEqualTo(Addresses.of(memory) + cut);
            assertThat(calls.length()).isEqualTo(1024 - cut);
            assertThat(calls.answered(1024 - cut)).isEqualTo(SyscallSequence.Next.DONE);
            calls.release();
        }
    }

    @Test
    void aShortAnswerGoesOnAtEveryByteOfVectors() {
        ByteBuf memory = composite(3, 512, 1);
        for (int cut = 1; cut < 1536; cut++) {
            SyscallSequence calls = new SyscallSequence(new BlockOp.Write(0, memory, false), memory, buffered());
            assertThat(calls.call()).isEqualTo(SyscallSequence.Call.WRITEV);
            assertThat(calls.answered(cut)).isEqualTo(SyscallSequence.Next.CALL);
            assertThat(calls.count()).isEqualTo(3 - cut / 512);
            assertThat(calls.offset()).isEqualTo(cut);
            assertThat(calls.answered(1536 - cut)).isEqualTo(SyscallSequence.Next.DONE);
            calls.release();
        }
    }

    @Test
    void directIoGoesOnFromAWholeBlock() {
        ByteBuf memory = memory(12288);
        SyscallSequence calls =
                new SyscallSequence(new BlockOp.Write(0, memory, false), memory, new FileQuirks(false, false, 4096));
        assertThat(calls.answered(4608)).isEqualTo(SyscallSequence.Next.CALL);
        assertThat(calls.offset()).isEqualTo(4096);
        assertThat(calls.length()).isEqualTo(8192);
        assertThat(calls.answered(4095)).isEqualTo(SyscallSequence.Next.CALL);
        assertThat(calls.offset()).isEqualTo(4096);
        assertThat(calls.answered(8192)).isEqualTo(SyscallSequence.Next.DONE);
        calls.release();
    }

    @Test
    void partOfABlockForEverIsAnError() {
        ByteBuf memory = memory(4096);
        SyscallSequence calls =
                new SyscallSequence(new BlockOp.Read(0, memory), memory, new FileQuirks(false, false, 4096));
        for (int i = 0; i < SyscallSequence.ATTEMPTS_MAX; i++) {
            assertThat(calls.answered(512)).isEqualTo(SyscallSequence.Next.CALL);
        }
        assertThat(calls.answered(512)).isEqualTo(SyscallSequence.Next.FAILED);
        assertThat(calls.errno()).isEqualTo(EIO);
        calls.release();
    }

    @Test
    void moreVectorsThanACallTakesGoInParts() {
        ByteBuf memory = composite(3000, 512, 2);
        SyscallSequence calls = new SyscallSequence(new BlockOp.Write(0, memory, false), memory, buffered());
        List<Integer> counts = new ArrayList<>();
        SyscallSequence.Next next = SyscallSequence.Next.CALL;
        while (next == SyscallSequence.Next.CALL) {
            counts.add(calls.count());
            next = calls.answered(calls.count() * 512L);
        }
        assertThat(counts).containsExactly(1024, 1024, 952);
        assertThat(next).isEqualTo(SyscallSequence.Next.DONE);
        calls.release();
    }

    @Test
    void vectorsThatTouchInMemoryAreOne() {
        ByteBuf whole = memory(8192);
        ByteBuf parts = owned(Unpooled.wrappedBuffer(whole.retainedSlice(0, 4096), whole.retainedSlice(4096, 4096)));
        SyscallSequence calls = new SyscallSequence(new BlockOp.Write(0, parts, false), parts, buffered());
        assertThat(calls.call()).isEqualTo(SyscallSequence.Call.WRITE);
        assertThat(calls.address()).isEqualTo(Addresses.of(whole));
        calls.release();
    }

    @Test
    void interruptionsAreRepeatedAndEveryByteOfProgressForgivesThem() {
        ByteBuf memory = memory(4096);
        SyscallSequence calls = new SyscallSequence(new BlockOp.Read(0, memory), memory, buffered());
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < SyscallSequence.ATTEMPTS_MAX; i++) {
                assertThat(calls.answered(-EINTR)).isEqualTo(SyscallSequence.Next.CALL);
            }
            assertThat(calls.answered(1)).isEqualTo(SyscallSequence.Next.CALL);
        }
        assertThat(calls.answered(4093)).isEqualTo(SyscallSequence.Next.DONE);
        calls.release();
    }

    @Test
    void aResourceThatStaysAwayIsAnErrorInTheEnd() {
        ByteBuf memory = memory(4096);
        SyscallSequence calls = new SyscallSequence(new BlockOp.Read(0, memory), memory, buffered());
        for (int i = 0; i < SyscallSequence.PAUSES_MAX; i++) {
            assertThat(calls.answered(-EAGAIN)).isEqualTo(SyscallSequence.Next.CALL_LATER);
        }
        assertThat(calls.answered(-EAGAIN)).isEqualTo(SyscallSequence.Next.FAILED);
        assertThat(calls.errno()).isEqualTo(EAGAIN);
        calls.release();
    }

    @Test
    void nothingReadIsTheEndOfTheFile() {
        ByteBuf memory = memory(4096);
        SyscallSequence calls = new SyscallSequence(new BlockOp.Read(0, memory), memory, buffered());
        assertThat(calls.answered(512)).isEqualTo(SyscallSequence.Next.CALL);
        assertThat(calls.answered(0)).isEqualTo(SyscallSequence.Next.FAILED);
        assertThat(calls.errno()).isEqualTo(EIO);
        assertThat(calls.detail()).contains("end of file inside the range, at byte 512");
        calls.release();
    }

    @Test
    void nothingWrittenIsAnError() {
        ByteBuf memory = memory(4096);
        SyscallSequence calls = new SyscallSequence(new BlockOp.Write(0, memory, false), memory, buffered());
        assertThat(calls.answered(0)).isEqualTo(SyscallSequence.Next.FAILED);
        assertThat(calls.errno()).isEqualTo(EIO);
        calls.release();
    }

    @Test
    void forcedUnitAccessIsAFlagAndWhereRefusedAWriteAndASync() {
        ByteBuf memory = memory(4096);
        FileQuirks quirks = buffered();
        SyscallSequence calls = new SyscallSequence(new BlockOp.Write(0, memory, true), memory, quirks);
        assertThat(calls.call()).isEqualTo(SyscallSequence.Call.WRITEV);
        assertThat(calls.flags()).isEqualTo(LibC.RWF_DSYNC);
        assertThat(calls.answered(-EOPNOTSUPP)).isEqualTo(SyscallSequence.Next.CALL);
        assertThat(calls.flags()).isZero();
        assertThat(calls.answered(4096)).isEqualTo(SyscallSequence.Next.CALL);
        assertThat(calls.call()).isEqualTo(SyscallSequence.Call.SYNC);
        assertThat(calls.answered(0)).isEqualTo(SyscallSequence.Next.DONE);
        calls.release();

        SyscallSequence later = new SyscallSequence(new BlockOp.Write(0, memory, true), memory, quirks);
        assertThat(later.flags()).isZero();
        assertThat(later.answered(4096)).isEqualTo(SyscallSequence.Next.CALL);
        assertThat(later.answered(-EIO)).isEqualTo(SyscallSequence.Next.FAILED);
        later.release();
    }

    @Test
    void zeroesAreARangeAndWhereRefusedAreWrittenInPieces() {
        FileQuirks quirks = buffered();
        SyscallSequence calls = new SyscallSequence(new BlockOp.WriteZeroes(8, 5000), null, quirks);
        assertThat(calls.call()).isEqualTo(SyscallSequence.Call.ALLOCATE);
        assertThat(calls.offset()).isEqualTo(4096);
        assertThat(calls.length()).isEqualTo(2_560_000);
        assertThat(calls.answered(-EOPNOTSUPP)).isEqualTo(SyscallSequence.Next.CALL);
        List<Long> pieces = new ArrayList<>();
        SyscallSequence.Next next = SyscallSequence.Next.CALL;
        while (next == SyscallSequence.Next.CALL) {
            assertThat(calls.call()).isEqualTo(SyscallSequence.Call.WRITE);
            pieces.add(calls.length());
            next = calls.answered(calls.length());
        }
        assertThat(next).isEqualTo(SyscallSequence.Next.DONE);
        assertThat(pieces).containsExactly(1L << 20, 1L << 20, 2_560_000L - (2 << 20));
        assertThat(new SyscallSequence(new BlockOp.WriteZeroes(0, 1), null, quirks).call())
                .isEqualTo(SyscallSequence.Call.WRITE);
    }

    @Test
    void aDiskIsAskedByIoctl() {
        FileQuirks disk = new FileQuirks(true, false, 512);
        SyscallSequence discard = new SyscallSequence(new BlockOp.Discard(1L << 33, 8), null, disk);
        assertThat(discard.call()).isEqualTo(SyscallSequence.Call.CONTROL);
        assertThat(discard.flags()).isEqualTo((int) LibC.BLKDISCARD);
        assertThat(discard.answered(0)).isEqualTo(SyscallSequence.Next.DONE);
        discard.release();
        SyscallSequence zeroes = new SyscallSequence(new BlockOp.WriteZeroes(0, 8), null, disk);
        assertThat(zeroes.flags()).isEqualTo((int) LibC.BLKZEROOUT);
        zeroes.release();
    }

    @Test
    void refusedAlignmentSaysWhatToDo() {
        ByteBuf memory = memory(4096);
        SyscallSequence calls =
                new SyscallSequence(new BlockOp.Read(0, memory), memory, new FileQuirks(false, false, 512));
        assertThat(calls.answered(-EINVAL)).isEqualTo(SyscallSequence.Next.FAILED);
        assertThat(calls.detail()).contains("alignment").contains("open it buffered");
        calls.release();
    }

    @Test
    void offsetsBeyondFourGibAndTwoTibAreWhole() {
        ByteBuf memory = memory(4096);
        for (long sector : new long[] {(1L << 23) - 1, 1L << 23, 1L << 32, (1L << 32) + 5, 1L << 40}) {
            SyscallSequence calls = new SyscallSequence(new BlockOp.Read(sector, memory), memory, buffered());
            assertThat(calls.offset()).isEqualTo(sector * 512);
            calls.release();
        }
    }

    @Test
    void theFlagForDirectIoDependsOnTheMachine() {
        assertThat(LibC.directFlag("amd64")).isEqualTo(0x4000);
        assertThat(LibC.directFlag("riscv64")).isEqualTo(0x4000);
        assertThat(LibC.directFlag("aarch64")).isEqualTo(0x10000);
    }

    private static FileQuirks buffered() {
        return new FileQuirks(false, false, 1);
    }
}
