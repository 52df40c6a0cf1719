package io.dmio.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.Errno;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

/**
 * The contract of every {@link BlockDevice}, as JUnit tests. A subclass only has to {@linkplain #open open} a device:
 *
 * <pre>{@code
 * class PartitionTest extends BlockDeviceContract {
 *     protected BlockDevice open(long sectors) {
 *         return new Partition(MemoryDevice.of("disk", 64 + sectors + 64), 64, sectors);
 *     }
 * }
 * }</pre>
 *
 * <p>A capability that the device lacks is checked as a refusal instead. The tests work in the device's own blocks, whatever their size,
 * and wait for at most three minutes. After each test every buffer must be held by the test alone, or the test fails.
 */
public abstract class BlockDeviceContract extends DeviceLifeContract {

    @Test
    void readsBackWhatWasWritten() {
        BlockDevice device = device();
        for (int blocks : new int[] {1, 2, 3, 8, 64}) {
            long sector = (long) blocks * block(device);
            ByteBuf written = filled(blocks * blockBytes(device), blocks);
            write(device, sector, written);
            assertThat(all(read(device, sector, written.capacity()))).isEqualTo(all(written));
        }
    }

    @Test
    void theFirstAndTheLastBlockAreBlocksLikeAnyOther() {
        BlockDevice device = device();
        long last = device.info().sectorCount() - block(device);
        ByteBuf one = filled(blockBytes(device), 1);
        ByteBuf two = filled(blockBytes(device), 2);
        write(device, 0, one);
        write(device, last, two);
        assertThat(all(read(device, 0, one.capacity()))).isEqualTo(all(one));
        assertThat(all(read(device, last, two.capacity()))).isEqualTo(all(two));
    }

    @Test
    void bytesAreAddressedAbsolutelyAndIndexesAreLeftAlone() {
        BlockDevice device = device();
        ByteBuf written = filled(2 * blockBytes(device), 3).setIndex(100, 200);
        write(device, 0, written);
        ByteBuf into = memory(written.capacity()).setIndex(7, 7);
        run(device, new BlockOp.Read(0, into));
        assertThat(written.readerIndex()).isEqualTo(100);
        assertThat(written.writerIndex()).isEqualTo(200);
        assertThat(into.readerIndex()).isEqualTo(7);
        assertThat(into.writerIndex()).isEqualTo(7);
        assertThat(all(into)).isEqualTo(all(written));
    }

    @Test
    void theBufferIsGivenBackBeforeTheSignal() {
        BlockDevice device = device();
        ByteBuf memory = filled(blockBytes(device), 4);
        for (BlockOp op : List.of(new BlockOp.Write(0, memory, false), new BlockOp.Read(0, memory))) {
            AtomicInteger seen = new AtomicInteger();
            device.submit(op).doOnTerminate(() -> seen.set(memory.refCnt())).block(PATIENCE);
            assertThat(seen).hasValue(1);
        }
    }

    @Test
    void aFailedOperationGivesTheBufferBackToo() {
        BlockDevice device = device();
        ByteBuf memory = filled(blockBytes(device), 4);
        refuses(device, new BlockOp.Write(device.info().sectorCount(), memory, false), Errno.ENOSPC);
        refuses(device, new BlockOp.Read(device.info().sectorCount(), memory), Errno.EIO);
        assertThat(memory.refCnt()).isEqualTo(1);
    }

    @Test
    void aReleasedBufferIsAnErrorSignalNotAThrow() {
        BlockDevice device = device();
        ByteBuf released = PagePool.shared().allocate(blockBytes(device));
        BlockOp op = new BlockOp.Write(0, released, false);
        released.release();
        StepVerifier.create(device.submit(op)).expectError().verify(PATIENCE);
        StepVerifier.create(device.close()).expectComplete().verify(PATIENCE);
    }

    @Test
    void singleSectorVectorsKeepTheirOrder() {
        BlockDevice device = device();
        for (int vectors : new int[] {8, 1024, 1032, 2048}) {
            ByteBuf written = composite(vectors, Sectors.BYTES, vectors);
            write(device, 0, written);
            assertThat(all(read(device, 0, written.capacity()))).isEqualTo(all(written));
            ByteBuf into = composite(vectors, Sectors.BYTES, 0);
            run(device, new BlockOp.Read(0, into));
            assertThat(all(into)).isEqualTo(all(written));
        }
    }

    @Test
    void vectorsOfWholeBlocksKeepTheirOrder() {
        BlockDevice device = device();
        int vectorsMax = device.info().transferBytesMax() / blockBytes(device);
        for (int vectors : new int[] {2, 255, 1024, 1025, 2048}) {
            int count = Math.min(vectors, vectorsMax);
            ByteBuf written = composite(count, blockBytes(device), vectors);
            write(device, block(device), written);
            ByteBuf into = composite(count, blockBytes(device), 0);
            run(device, new BlockOp.Read(block(device), into));
            assertThat(all(into)).isEqualTo(all(written));
        }
    }

    @Test
    void threeThousandSmallVectorsAreOneTransfer() {
        BlockDevice device = device();
        int bytes = 3000 * 256 / blockBytes(device) * blockBytes(device);
        ByteBuf written = composite(bytes / 256, 256, 5);
        write(device, 0, written);
        ByteBuf into = composite(bytes / 256, 256, 0);
        run(device, new BlockOp.Read(0, into));
        assertThat(all(into)).isEqualTo(all(written));
    }

    @Test
    void nestedVectorsAndSlicesOfVectorsKeepTheirOrder() {
        BlockDevice device = device();
        ByteBuf inner = composite(16, Sectors.BYTES, 6);
        ByteBuf outer = owned(Unpooled.wrappedBuffer(
                filled(blockBytes(device), 7).retainedSlice(),
                inner.retainedSlice(),
                filled(8192, 8).retainedSlice()));
        write(device, 0, outer);
        assertThat(all(read(device, 0, outer.capacity()))).isEqualTo(all(outer));
        ByteBuf part = outer.slice(blockBytes(device), 8192);
        write(device, 64, part);
        assertThat(all(read(device, 64, part.capacity()))).isEqualTo(all(part));
    }

    @Test
    void heapMemoryIsByteExact() {
        BlockDevice device = device();
        long copies = PagePool.shared().bounceCount();
        ByteBuf written = owned(Unpooled.buffer(8192, 8192)).setBytes(0, filled(8192, 9), 0, 8192);
        write(device, 8, written);
        ByteBuf into = owned(Unpooled.buffer(8192, 8192));
        run(device, new BlockOp.Read(8, into));
        assertThat(all(into)).isEqualTo(all(written));
        if (copiesHeapMemory()) {
            assertThat(PagePool.shared().bounceCount()).isGreaterThanOrEqualTo(copies + 2);
        }
    }

    @Test
    void misalignedMemoryIsByteExactAndCounted() {
        BlockDevice device = device();
        long copies = PagePool.shared().bounceCount();
        ByteBuf page = memory(8192 + 1);
        ByteBuf written = page.slice(1, 8192).setBytes(0, filled(8192, 10), 0, 8192);
        write(device, 16, written);
        page.setZero(0, page.capacity());
        run(device, new BlockOp.Read(16, written));
        assertThat(all(written)).isEqualTo(all(filled(8192, 10)));
        assertThat(page.getByte(0)).isZero();
        if (device.info().memoryAlignmentBytes() > 1) {
            assertThat(PagePool.shared().bounceCount()).isGreaterThanOrEqualTo(copies + 2);
        }
    }

    @Test
    void alignedMemoryIsNotCopied() {
        BlockDevice device = device();
        long copies = PagePool.shared().bounceCount();
        ByteBuf written = composite(4, blockBytes(device), 11);
        write(device, 0, written);
        read(device, 0, written.capacity());
        assertThat(PagePool.shared().bounceCount()).isEqualTo(copies);
    }

    @Test
    void beyondTheEndIsRefusedWithNothingWritten() {
        BlockDevice device = device();
        long last = device.info().sectorCount() - block(device);
        ByteBuf canary = filled(blockBytes(device), 12);
        write(device, last, canary);
        refuses(device, new BlockOp.Write(last, filled(2 * blockBytes(device), 13), false), Errno.ENOSPC);
        refuses(device, new BlockOp.Read(last, memory(2 * blockBytes(device))), Errno.EIO);
        assertThat(all(read(device, last, canary.capacity()))).isEqualTo(all(canary));
        assertThat(device.info().sectorCount()).isEqualTo(last + block(device));
    }

    @Test
    void misalignedSectorsAreRefusedNamingTheBlock() {
        BlockDevice device = device();
        assumeTrue(block(device) > 1, "every sector is a block here");
        StepVerifier.create(device.submit(new BlockOp.Write(3, filled(blockBytes(device), 14), false)))
                .expectErrorSatisfies(error -> assertThat(error)
                        .hasMessageContaining(
                                "sector 3 is not a multiple of the device's " + blockBytes(device) + "-byte block"))
                .verify(PATIENCE);
        refuses(device, new BlockOp.Read(0, memory(Sectors.BYTES)), Errno.EINVAL);
    }

    @Test
    void longerThanTheLargestTransferIsRefused() {
        BlockDevice device = device();
        int bytes = device.info().transferBytesMax() + blockBytes(device);
        assumeTrue(bytes > 0 && bytes <= device.info().bytes(), "the whole device is one transfer here");
        refuses(device, new BlockOp.Read(0, memory(bytes)), Errno.EINVAL);
    }

    @Test
    void theLargestTransferIsOneOperation() {
        BlockDevice device = device();
        int bytes = Math.min(device.info().transferBytesMax(), 1 << 20);
        ByteBuf written = filled(bytes, 15);
        write(device, block(device), written);
        assertThat(all(read(device, block(device), bytes))).isEqualTo(all(written));
    }

    @Test
    void anEmptyTransferIsDone() {
        BlockDevice device = device();
        run(device, new BlockOp.Write(8, Unpooled.EMPTY_BUFFER, false));
        run(device, new BlockOp.Write(8, Unpooled.EMPTY_BUFFER, true));
        run(device, new BlockOp.Read(8, Unpooled.EMPTY_BUFFER));
    }

    @Test
    void flushIsDoneOrRefused() {
        BlockDevice device = device();
        write(device, 0, filled(blockBytes(device), 16));
        runOrRefused(device, new BlockOp.Flush(), Capability.FLUSH);
    }

    @Test
    void writesWithForcedUnitAccessAreWrites() {
        BlockDevice device = device();
        assumeTrue(device.info().can(Capability.FUA), "no FUA here");
        ByteBuf one = filled(blockBytes(device), 17);
        ByteBuf many = composite(4, blockBytes(device), 18);
        run(device, new BlockOp.Write(0, one, true));
        run(device, new BlockOp.Write(64, many, true));
        assertThat(all(read(device, 0, one.capacity()))).isEqualTo(all(one));
        assertThat(all(read(device, 64, many.capacity()))).isEqualTo(all(many));
    }

    @Test
    void discardLeavesTheNeighboursAlone() {
        BlockDevice device = device();
        ByteBuf before = filled(64 << 10, 19);
        write(device, 0, before);
        if (runOrRefused(device, new BlockOp.Discard(32, 64), Capability.DISCARD)) {
            neighboursOf(read(device, 0, before.capacity()), before, 32, 64);
        }
    }

    @Test
    void writeZeroesReadsAsZeroesAndLeavesTheNeighboursAlone() {
        BlockDevice device = device();
        ByteBuf before = filled(64 << 10, 20);
        write(device, 0, before);
        long first = block(device);
        long count = 3L * block(device);
        if (runOrRefused(device, new BlockOp.WriteZeroes(first, count), Capability.WRITE_ZEROES)) {
            ByteBuf after = read(device, 0, before.capacity());
            neighboursOf(after, before, (int) first, (int) count);
            assertThat(zeroes(after, (int) first, (int) count)).isTrue();
        }
    }

    @Test
    void writeZeroesMayBeLongerThanATransfer() {
        BlockDevice device = device();
        long sectors = device.info().sectorCount();
        ByteBuf last = filled(blockBytes(device), 21);
        write(device, sectors - block(device), last);
        write(device, sectors - 2L * block(device), last);
        if (runOrRefused(device, new BlockOp.WriteZeroes(0, sectors - block(device)), Capability.WRITE_ZEROES)) {
            ByteBuf after = read(device, sectors - 2L * block(device), 2 * blockBytes(device));
            assertThat(zeroes(after, 0, block(device))).isTrue();
            assertThat(all(after.slice(blockBytes(device), blockBytes(device)))).isEqualTo(all(last));
        }
    }
}
