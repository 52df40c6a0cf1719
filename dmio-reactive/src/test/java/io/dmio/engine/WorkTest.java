package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.testkit.DeviceFixture;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The work of one operation, with the test as the kernel. */
class WorkTest extends DeviceFixture {

    private static final int EINTR = 4;
    private static final int EIO = 5;
    private static final int EAGAIN = 11;
    private static final int EINVAL = 22;
    private static final int EOPNOTSUPP = 95;

    @Test
    void aWholeAnswerIsDone() {
        ByteBuf memory = memory(8192);
        Work work = new Work(new BlockOp.Write(8, memory, false), memory, buffered());
        assertThat(work.call()).isEqualTo(Work.Call.WRITE);
        assertThat(work.offset()).isEqualTo(4096);
        assertThat(work.address()).isEqualTo(Addresses.of(memory));
        assertThat(work.length()).isEqualTo(8192);
        assertThat(work.answered(8192)).isEqualTo(Work.Next.DONE);
        work.release();
    }

    @Test
    void onlyReadsOf256KibAndMoreThroughThePageCacheAreLongCopies() {
        FileQuirks direct = new FileQuirks(false, false, 512);
        ByteBuf large = memory(Work.LONG_COPY_BYTES);
        ByteBuf less = memory(Work.LONG_COPY_BYTES - 512);
        assertThat(new Work(new BlockOp.Read(0, large), large, buffered()).isLongCopy())
                .isTrue();
        assertThat(new Work(new BlockOp.Read(0, less), less, buffered()).isLongCopy())
                .isFalse();
        assertThat(new Work(new BlockOp.Read(0, large), large, direct).isLongCopy())
                .isFalse();
        assertThat(new Work(new BlockOp.Write(0, large, false), large, buffered()).isLongCopy())
                .isFalse();
    }

    @Test
    void aShortAnswerGoesOnAtEveryByteOfABufferedFile() {
        ByteBuf memory = memory(1024);
        for (int cut = 1; cut < 1024; cut++) {
            Work work = new Work(new BlockOp.Read(1, memory), memory, buffered());
            assertThat(work.answered(cut)).isEqualTo(Work.Next.CALL);
            assertThat(work.offset()).isEqualTo(512 + cut);
            assertThat(work.address()).isEqualTo(Addresses.of(memory) + cut);
            assertThat(work.length()).isEqualTo(1024 - cut);
            assertThat(work.answered(1024 - cut)).isEqualTo(Work.Next.DONE);
            work.release();
        }
    }

    @Test
    void aShortAnswerGoesOnAtEveryByteOfVectors() {
        ByteBuf memory = composite(3, 512, 1);
        for (int cut = 1; cut < 1536; cut++) {
            Work work = new Work(new BlockOp.Write(0, memory, false), memory, buffered());
            assertThat(work.call()).isEqualTo(Work.Call.WRITEV);
            assertThat(work.answered(cut)).isEqualTo(Work.Next.CALL);
            assertThat(work.count()).isEqualTo(3 - cut / 512);
            assertThat(work.offset()).isEqualTo(cut);
            assertThat(work.answered(1536 - cut)).isEqualTo(Work.Next.DONE);
            work.release();
        }
    }

    @Test
    void directIoGoesOnFromAWholeBlock() {
        ByteBuf memory = memory(12288);
        Work work = new Work(new BlockOp.Write(0, memory, false), memory, new FileQuirks(false, false, 4096));
        assertThat(work.answered(4608)).isEqualTo(Work.Next.CALL);
        assertThat(work.offset()).isEqualTo(4096);
        assertThat(work.length()).isEqualTo(8192);
        assertThat(work.answered(4095)).isEqualTo(Work.Next.CALL);
        assertThat(work.offset()).isEqualTo(4096);
        assertThat(work.answered(8192)).isEqualTo(Work.Next.DONE);
        work.release();
    }

    @Test
    void partOfABlockForEverIsAnError() {
        ByteBuf memory = memory(4096);
        Work work = new Work(new BlockOp.Read(0, memory), memory, new FileQuirks(false, false, 4096));
        for (int i = 0; i < Work.ATTEMPTS_MAX; i++) {
            assertThat(work.answered(512)).isEqualTo(Work.Next.CALL);
        }
        assertThat(work.answered(512)).isEqualTo(Work.Next.FAILED);
        assertThat(work.errno()).isEqualTo(EIO);
        work.release();
    }

    @Test
    void moreVectorsThanACallTakesGoInParts() {
        ByteBuf memory = composite(3000, 512, 2);
        Work work = new Work(new BlockOp.Write(0, memory, false), memory, buffered());
        List<Integer> counts = new ArrayList<>();
        Work.Next next = Work.Next.CALL;
        while (next == Work.Next.CALL) {
            counts.add(work.count());
            next = work.answered(work.count() * 512L);
        }
        assertThat(counts).containsExactly(1024, 1024, 952);
        assertThat(next).isEqualTo(Work.Next.DONE);
        work.release();
    }

    @Test
    void vectorsThatTouchInMemoryAreOne() {
        ByteBuf whole = memory(8192);
        ByteBuf parts = owned(Unpooled.wrappedBuffer(whole.retainedSlice(0, 4096), whole.retainedSlice(4096, 4096)));
        Work work = new Work(new BlockOp.Write(0, parts, false), parts, buffered());
        assertThat(work.call()).isEqualTo(Work.Call.WRITE);
        assertThat(work.address()).isEqualTo(Addresses.of(whole));
        work.release();
    }

    @Test
    void interruptionsAreRepeatedAndEveryByteOfProgressForgivesThem() {
        ByteBuf memory = memory(4096);
        Work work = new Work(new BlockOp.Read(0, memory), memory, buffered());
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < Work.ATTEMPTS_MAX; i++) {
                assertThat(work.answered(-EINTR)).isEqualTo(Work.Next.CALL);
            }
            assertThat(work.answered(1)).isEqualTo(Work.Next.CALL);
        }
        assertThat(work.answered(4093)).isEqualTo(Work.Next.DONE);
        work.release();
    }

    @Test
    void aResourceThatStaysAwayIsAnErrorInTheEnd() {
        ByteBuf memory = memory(4096);
        Work work = new Work(new BlockOp.Read(0, memory), memory, buffered());
        for (int i = 0; i < Work.PAUSES_MAX; i++) {
            assertThat(work.answered(-EAGAIN)).isEqualTo(Work.Next.CALL_LATER);
        }
        assertThat(work.answered(-EAGAIN)).isEqualTo(Work.Next.FAILED);
        assertThat(work.errno()).isEqualTo(EAGAIN);
        work.release();
    }

    @Test
    void nothingReadIsTheEndOfTheFile() {
        ByteBuf memory = memory(4096);
        Work work = new Work(new BlockOp.Read(0, memory), memory, buffered());
        assertThat(work.answered(512)).isEqualTo(Work.Next.CALL);
        assertThat(work.answered(0)).isEqualTo(Work.Next.FAILED);
        assertThat(work.errno()).isEqualTo(EIO);
        assertThat(work.detail()).contains("end of file inside the range, at byte 512");
        work.release();
    }

    @Test
    void nothingWrittenIsAnError() {
        ByteBuf memory = memory(4096);
        Work work = new Work(new BlockOp.Write(0, memory, false), memory, buffered());
        assertThat(work.answered(0)).isEqualTo(Work.Next.FAILED);
        assertThat(work.errno()).isEqualTo(EIO);
        work.release();
    }

    @Test
    void forcedUnitAccessIsAFlagAndWhereRefusedAWriteAndASync() {
        ByteBuf memory = memory(4096);
        FileQuirks quirks = buffered();
        Work work = new Work(new BlockOp.Write(0, memory, true), memory, quirks);
        assertThat(work.call()).isEqualTo(Work.Call.WRITEV);
        assertThat(work.flags()).isEqualTo(LibC.RWF_DSYNC);
        assertThat(work.answered(-EOPNOTSUPP)).isEqualTo(Work.Next.CALL);
        assertThat(work.flags()).isZero();
        assertThat(work.answered(4096)).isEqualTo(Work.Next.CALL);
        assertThat(work.call()).isEqualTo(Work.Call.SYNC);
        assertThat(work.answered(0)).isEqualTo(Work.Next.DONE);
        work.release();

        Work later = new Work(new BlockOp.Write(0, memory, true), memory, quirks);
        assertThat(later.flags()).isZero();
        assertThat(later.answered(4096)).isEqualTo(Work.Next.CALL);
        assertThat(later.answered(-EIO)).isEqualTo(Work.Next.FAILED);
        later.release();
    }

    @Test
    void zeroesAreARangeAndWhereRefusedAreWrittenInPieces() {
        FileQuirks quirks = buffered();
        Work work = new Work(new BlockOp.WriteZeroes(8, 5000), null, quirks);
        assertThat(work.call()).isEqualTo(Work.Call.ALLOCATE);
        assertThat(work.offset()).isEqualTo(4096);
        assertThat(work.length()).isEqualTo(2_560_000);
        assertThat(work.answered(-EOPNOTSUPP)).isEqualTo(Work.Next.CALL);
        List<Long> pieces = new ArrayList<>();
        Work.Next next = Work.Next.CALL;
        while (next == Work.Next.CALL) {
            assertThat(work.call()).isEqualTo(Work.Call.WRITE);
            pieces.add(work.length());
            next = work.answered(work.length());
        }
        assertThat(next).isEqualTo(Work.Next.DONE);
        assertThat(pieces).containsExactly(1L << 20, 1L << 20, 2_560_000L - (2 << 20));
        assertThat(new Work(new BlockOp.WriteZeroes(0, 1), null, quirks).call()).isEqualTo(Work.Call.WRITE);
    }

    @Test
    void aDiskIsAskedByIoctl() {
        FileQuirks disk = new FileQuirks(true, false, 512);
        Work discard = new Work(new BlockOp.Discard(1L << 33, 8), null, disk);
        assertThat(discard.call()).isEqualTo(Work.Call.CONTROL);
        assertThat(discard.flags()).isEqualTo((int) LibC.BLKDISCARD);
        assertThat(discard.answered(0)).isEqualTo(Work.Next.DONE);
        discard.release();
        Work zeroes = new Work(new BlockOp.WriteZeroes(0, 8), null, disk);
        assertThat(zeroes.flags()).isEqualTo((int) LibC.BLKZEROOUT);
        zeroes.release();
    }

    @Test
    void refusedAlignmentSaysWhatToDo() {
        ByteBuf memory = memory(4096);
        Work work = new Work(new BlockOp.Read(0, memory), memory, new FileQuirks(false, false, 512));
        assertThat(work.answered(-EINVAL)).isEqualTo(Work.Next.FAILED);
        assertThat(work.detail()).contains("alignment").contains("open it buffered");
        work.release();
    }

    @Test
    void offsetsBeyondFourGibAndTwoTibAreWhole() {
        ByteBuf memory = memory(4096);
        for (long sector : new long[] {(1L << 23) - 1, 1L << 23, 1L << 32, (1L << 32) + 5, 1L << 40}) {
            Work work = new Work(new BlockOp.Read(sector, memory), memory, buffered());
            assertThat(work.offset()).isEqualTo(sector * 512);
            work.release();
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
