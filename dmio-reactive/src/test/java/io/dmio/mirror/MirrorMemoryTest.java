package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Sectors;
import io.dmio.testkit.Patterns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Whose memory a write comes from, and for how long. */
class MirrorMemoryTest extends MirrorFixture {

    private static final int COUNT = 8;

    @Test
    void whoChangesMemoryInFlightCannotMakeLegsDiffer() {
        MirrorDevice mirror = create(2);
        legs.get(1).stall();
        ByteBuf memory = Unpooled.wrappedBuffer(Patterns.bytes(0, COUNT, 1));
        CompletableFuture<Void> write = start(mirror, new BlockOp.Write(0, memory, false));
        memory.setZero(0, memory.capacity());
        legs.get(1).release();
        get(write);
        allHold(0, COUNT, 1);
    }

    @Test
    void writesFromStableMemoryAreNotCopied() {
        MirrorDevice mirror = create(2, options().equalAlready(true).stableMemory(true));
        write(mirror, 0, COUNT, 1); // the bitmap is through
        legs.get(1).stall();
        ByteBuf memory = Unpooled.wrappedBuffer(Patterns.bytes(0, COUNT, 2));
        CompletableFuture<Void> write = start(mirror, new BlockOp.Write(0, memory, false));
        memory.setZero(0, memory.capacity()); // what nobody may do shows that it is this memory
        legs.get(1).release();
        get(write);
        assertThat(disks.get(0).snapshot(0, COUNT)).isEqualTo(Patterns.bytes(0, COUNT, 2));
        assertThat(disks.get(1).snapshot(0, COUNT)).isEqualTo(new byte[COUNT * Sectors.BYTES]);
        assertThat(memory.refCnt()).isEqualTo(1);
    }

    @Test
    void stableMemoryStaysWithALegThatHangsUntilItAnswers() {
        MirrorDevice mirror = create(2, options().equalAlready(true).stableMemory(true));
        write(mirror, 0, COUNT, 1);
        legs.get(1).stall();
        ByteBuf memory = Unpooled.wrappedBuffer(Patterns.bytes(0, COUNT, 2));
        CompletableFuture<Void> write = start(mirror, new BlockOp.Write(0, memory, false));
        pass(Duration.ofMillis(5_100));
        assertThat(write).isCompleted();
        memory.release();
        assertThat(memory.refCnt()).isEqualTo(1);
        legs.get(1).release();
        get(mirror.resync());
        assertThat(memory.refCnt()).isZero();
        allHold(0, COUNT, 2);
    }

    @Test
    void aLegThatMayLagGetsACopyOfStableMemoryToo() {
        MirrorDevice mirror = create(
                2,
                options().equalAlready(true).stableMemory(true).writeMostly(1).writeBehindSectors(64));
        write(mirror, 0, COUNT, 1);
        legs.get(1).stall();
        ByteBuf memory = Unpooled.wrappedBuffer(Patterns.bytes(0, COUNT, 2));
        get(start(mirror, new BlockOp.Write(0, memory, false)));
        assertThat(memory.refCnt()).isEqualTo(1);
        memory.setZero(0, memory.capacity());
        legs.get(1).release();
        get(mirror.submit(new BlockOp.Flush()));
        allHold(0, COUNT, 2);
    }

    @Test
    void aLegThatLaggedHasEverythingWhateverBecameOfTheMemoryThatWasWrittenFrom() {
        MirrorDevice mirror =
                create(2, options().equalAlready(true).writeMostly(1).writeBehindSectors(64));
        write(mirror, 0, COUNT, 1);
        legs.get(1).stall();
        ByteBuf memory = Unpooled.buffer(COUNT * Sectors.BYTES);
        get(start(mirror, new BlockOp.Write(0, memory, false)));
        memory.capacity(2 * COUNT * Sectors.BYTES); // it is its owner's again, as a pool's is who gets it next
        legs.get(1).release();
        get(mirror.submit(new BlockOp.Flush()));
        assertThat(status(mirror).legs()).allSatisfy(leg -> {
            assertThat(leg.lagSectors()).isZero();
            assertThat(leg.state()).isEqualTo(LegState.IN_SYNC);
        });
        memory.capacity(COUNT * Sectors.BYTES);
        for (int i = 0; i < 10; i++) { // and the lag that is allowed is as it was
            get(mirror.submit(new BlockOp.Write(0, memory, false)));
        }
        get(mirror.remove(0));
        get(mirror.close());
    }

    @Test
    void twoReadsIntoTheSameMemoryGiveItBackTwice() {
        MirrorDevice mirror = create(1);
        ByteBuf into = Unpooled.buffer(COUNT * Sectors.BYTES);
        legs.get(0).stall();
        CompletableFuture<Void> one = start(mirror, new BlockOp.Read(0, into));
        CompletableFuture<Void> other = start(mirror, new BlockOp.Read(0, into));
        legs.get(0).release();
        get(one);
        get(other);
        assertThat(into.refCnt()).isEqualTo(1);
    }

    private void get(CompletableFuture<Void> started) {
        get(Mono.fromFuture(started));
    }
}
