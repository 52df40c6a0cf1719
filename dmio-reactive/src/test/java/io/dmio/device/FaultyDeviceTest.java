package io.dmio.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.testkit.Patterns;
import io.dmio.testkit.Seed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.test.StepVerifier;

/** What reaches the device, and what the caller is told, under each fault. */
@ExtendWith(Seed.class)
class FaultyDeviceTest extends FaultyDeviceFixture {

    @Test
    void anErrnoReachesTheCallerWithDeviceAndSectorAndNotTheDevice() {
        device.plan(Fault.errno(Errno.EREMOTEIO).on(BlockOp.Kind.WRITE));
        memory.load(0, OLD);
        StepVerifier.create(write())
                .verifyErrorMessage("EREMOTEIO: memory: write of sectors [0, 8): as the fault plan says");
        assertThat(memory.snapshot(0, 8)).isEqualTo(OLD);
        device.submit(new BlockOp.Flush()).block();
        assertThat(List.of(device.ops(), device.ops(BlockOp.Kind.FLUSH), device.interferences()))
                .containsExactly(2L, 1L, 1L);
    }

    @Test
    void aTornWriteLeavesTheTailAsItWas() {
        device.plan(Fault.torn(3, Errno.EIO));
        memory.load(0, OLD);
        StepVerifier.create(write()).verifyErrorSatisfies(error -> assertErrno(error, Errno.EIO));
        assertTornAt(3);
    }

    @Test
    void aTornWriteMayBeAcknowledged() {
        device.plan(Fault.tornUnnoticed(5));
        memory.load(0, OLD);
        StepVerifier.create(write()).verifyComplete();
        assertTornAt(5);
    }

    @Test
    void aTearIsRoundedDownToWholeBlocks() {
        MemoryDevice blocks = MemoryDevice.of(memory.info().withBlocks(2048, 4096));
        blocks.load(0, OLD);
        StepVerifier.create(FaultyDevice.of(blocks, Fault.torn(7, Errno.EIO)).submit(new BlockOp.Write(0, from, false)))
                .verifyErrorSatisfies(error -> assertErrno(error, Errno.EIO));
        Patterns.check(Unpooled.wrappedBuffer(blocks.snapshot(0, 4)), 0, 2);
        Patterns.check(Unpooled.wrappedBuffer(blocks.snapshot(4, 4)), 4, 1);
    }

    @Test
    void tornDiscardsAndWriteZeroesClearTheirHeadOnly() {
        device.plan(Fault.torn(2, Errno.EIO));
        for (BlockOp op : List.of(new BlockOp.Discard(0, 8), new BlockOp.WriteZeroes(0, 8))) {
            memory.load(0, OLD);
            StepVerifier.create(device.submit(op)).verifyErrorSatisfies(error -> assertErrno(error, Errno.EIO));
            assertThat(memory.snapshot(0, 2)).containsOnly(0);
            Patterns.check(Unpooled.wrappedBuffer(memory.snapshot(2, 6)), 2, 1);
        }
    }

    @Test
    void aDroppedWriteIsAcknowledgedAndLost() {
        device.plan(Fault.dropped());
        memory.load(0, OLD);
        StepVerifier.create(write()).verifyComplete();
        StepVerifier.create(device.submit(new BlockOp.Flush())).verifyComplete();
        Patterns.check(read(), 0, 1);
    }

    @Test
    void aDroppedReadLeavesItsMemoryAsItWas() {
        device.plan(Fault.dropped().on(BlockOp.Kind.READ));
        ByteBuf into = Unpooled.buffer(4096, 4096).setBytes(0, OLD);
        device.submit(new BlockOp.Read(0, into)).block();
        Patterns.check(into, 0, 1);
    }

    @Test
    void whatPassesIsNotCountedAndNotChanged() {
        device.plan(
                Fault.flipped(4096),
                Fault.overwritten(4096, 1),
                Fault.tornUnnoticed(8),
                Fault.misdirected(1 << 20),
                Fault.badSectors(8, 8));
        write().block();
        Patterns.check(read(), 0, 2);
        assertThat(List.of(device.ops(), device.interferences())).containsExactly(2L, 0L);
    }

    @Test
    void aByteFlippedOnReadIsWrongForTheCallerOnly() {
        device.plan(Fault.flipped(1000).on(BlockOp.Kind.READ));
        write().block();
        ByteBuf into = read();
        assertThat(into.getByte(1000)).isEqualTo((byte) ~NEW[1000]);
        Patterns.check(into.setByte(1000, NEW[1000]), 0, 2);
        assertThat(memory.snapshot(0, 8)).isEqualTo(NEW);
    }

    @Test
    void aBitFlippedAtRandomIsOneBitAndTheSameForOneSeed(SplittableRandom random) {
        long seed = random.nextLong();
        List<byte[]> written = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            device.plan(Fault.flippedAtRandom(seed).on(BlockOp.Kind.WRITE));
            write().block();
            written.add(memory.snapshot(0, 8));
        }
        BitSet changed = BitSet.valueOf(written.get(0));
        changed.xor(BitSet.valueOf(NEW));
        assertThat(changed.cardinality()).isOne();
        assertThat(written.get(1)).isEqualTo(written.get(0));
    }

    @Test
    void aByteOverwrittenOnWriteIsWrongOnTheDeviceOnly() {
        device.plan(Fault.overwritten(4095, 0x5A).on(BlockOp.Kind.WRITE));
        write().block();
        byte[] expected = NEW.clone();
        expected[4095] = 0x5A;
        assertThat(memory.snapshot(0, 8)).isEqualTo(expected);
    }

    @Test
    void aMisdirectedWriteLandsElsewhereUnlessThatIsOffTheDevice() {
        device.plan(Fault.misdirected(16).on(BlockOp.Kind.WRITE));
        write().block();
        Patterns.check(Unpooled.wrappedBuffer(memory.snapshot(16, 8)), 0, 2);
        assertThat(memory.snapshot(0, 8)).containsOnly(0);
        device.plan(Fault.misdirected(-16).on(BlockOp.Kind.WRITE));
        write().block();
        Patterns.check(Unpooled.wrappedBuffer(memory.snapshot(0, 8)), 0, 2);
    }

    @Test
    void aLargeWriteIsChangedInItsByteAndNotInItsLength() {
        int bytes = (4 << 20) + 4096;
        FaultyDevice large = FaultyDevice.of(
                MemoryDevice.of(memory.info().withTransferBytesMax(8 << 20)),
                Fault.flipped(bytes - 1).on(BlockOp.Kind.WRITE));
        ByteBuf zeroes = Unpooled.buffer(bytes, bytes);
        ByteBuf after = Unpooled.buffer(4096, 4096);
        large.submit(new BlockOp.Write(0, zeroes, false)).block();
        large.submit(new BlockOp.Read(bytes / 512, after.setBytes(0, OLD))).block();
        assertThat(after.array()).containsOnly(0);
        large.submit(new BlockOp.Read(bytes / 512 - 8, after)).block();
        assertThat(after.getByte(4095)).isEqualTo((byte) 0xFF);
    }

    @Test
    void anotherPlanCountsFromTheStartAndChangesNothingThatWasJudged() {
        FaultPlan plan = FaultPlan.of(Fault.errno(Errno.EIO).nth(2));
        device.plan(plan);
        assertThat(device.plan()).isSameAs(plan);
        write().block();
        device.plan(plan);
        write().block();
        device.plan(Fault.tornUnnoticed(5), Fault.stalled());
        memory.load(0, OLD);
        StepVerifier.create(write())
                .then(() -> device.plan(FaultPlan.none()))
                .then(() -> assertThat(device.plan()).isSameAs(FaultPlan.none()))
                .then(device::release)
                .verifyComplete();
        assertTornAt(5);
    }

    @Test
    void theDescriptionAndTheExtentsAreThoseOfTheDeviceBehind() {
        device.plan(Fault.errno(Errno.EIO));
        memory.load(128, OLD);
        assertThat(device.info()).isSameAs(memory.info());
        assertThat(device.extents(0, 1024).block())
                .isEqualTo(memory.extents(0, 1024).block())
                .hasSize(3);
        assertThat(device.ops()).isZero();
    }

    @Test
    void aRefusedOpIsNeverShownToThePlan() {
        device.plan(Fault.errno(Errno.EIO).nth(1));
        StepVerifier.create(device.submit(new BlockOp.Discard(1 << 20, 1)))
                .verifyErrorSatisfies(error -> assertErrno(error, Errno.ENOSPC));
        assertThat(device.ops()).isZero();
        StepVerifier.create(write()).verifyErrorSatisfies(error -> assertErrno(error, Errno.EIO));
    }

    @Test
    void retryingIsANewOp() {
        device.plan(Fault.errno(Errno.EIO).first(2));
        StepVerifier.create(write().retry(2)).verifyComplete();
        assertThat(memory.snapshot(0, 8)).isEqualTo(NEW);
    }

    private ByteBuf read() {
        ByteBuf into = Unpooled.buffer(4096, 4096);
        device.submit(new BlockOp.Read(0, into)).block();
        return into;
    }
}
