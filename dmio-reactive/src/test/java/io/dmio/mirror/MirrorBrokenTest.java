package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.FaultPlan;
import io.dmio.mirror.disk.Planes;
import io.dmio.testkit.Patterns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What throws inside a mirror, a lack of memory above all, ends an operation or the mirror, and nobody waits for ever. */
class MirrorBrokenTest extends MirrorFixture {

    private int allocationsLeft = Integer.MAX_VALUE;

    private MirrorOptions.Builder scarce() {
        return options()
                .equalAlready(true)
                .settings(small -> small.allocates = () -> {
                    if (allocationsLeft-- <= 0) {
                        allocationsLeft = Integer.MAX_VALUE; // one moment
                        throw new OutOfMemoryError("as the test says");
                    }
                });
    }

    @Test
    void aReadThatFindsNoMemoryFailsAndTheNextOneDoesNot() {
        MirrorDevice mirror = create(2, scarce());
        write(mirror, 0, 8, 1);
        allocationsLeft = 0;
        refused(mirror.submit(new BlockOp.Read(0, Unpooled.buffer(512))), Errno.ENOMEM, "as the test says");
        assertThat(read(mirror, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 1));
        get(mirror.close());
    }

    @Test
    void aWriteThatFindsNoMemoryForTheBitmapFailsAndTheNextOneMarksItsChunk() {
        MirrorDevice mirror = create(2, scarce());
        allocationsLeft = 0;
        refused(mirror.submit(writeOf(0, 8, 1)), Errno.EIO, "no memory for the bitmap");
        write(mirror, 0, 8, 2);
        crash(mirror);
        Planes onDisk = new Planes(statusOf(0).id(), CHUNKS);
        get(LegDisk.blank(disks.get(0)).readPlanes(onDisk, CHUNK));
        assertThat(onDisk.get(Planes.DIRTY, 0)).isTrue();
    }

    private MirrorStatus statusOf(int leg) {
        return get(MirrorStatus.inspect(again(leg)));
    }

    @Test
    void wheneverMemoryRunsOutEverybodyIsToldAndTheNextStartIsRight() {
        for (int after = 0; after < 24; after++) {
            disks.clear();
            legs.clear();
            allocationsLeft = Integer.MAX_VALUE;
            MirrorDevice mirror = create(2, scarce());
            write(mirror, 0, 8, 1);
            legs.get(1).plan(io.dmio.device.Fault.errno(Errno.EIO));
            allocationsLeft = after;
            CompletableFuture<Void> write = start(mirror, writeOf(64, 8, 2));
            CompletableFuture<Void> flush = start(mirror, new BlockOp.Flush());
            pass(Duration.ofSeconds(30));
            legs.get(1).plan(FaultPlan.none());
            CompletableFuture<Void> resync = mirror.resync().toFuture();
            pass(Duration.ofMinutes(2));
            assertThat(write).isDone();
            assertThat(flush).isDone();
            assertThat(resync).isDone();
            get(mirror.close());
            MirrorDevice opened = open(options(), 0, 1);
            get(opened.resync());
            assertThat(read(opened, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 1));
            if (!write.isCompletedExceptionally()) {
                assertThat(read(opened, 64, 8)).isEqualTo(Patterns.bytes(64, 8, 2));
            }
            legsAreEqual();
            get(opened.close());
        }
    }

    @Test
    void aWriteThatFindsNoMemoryForItsCopyFailsAndTheMirrorCloses() {
        MirrorDevice mirror = create(2);
        ByteBuf unreadable = new UnpooledHeapByteBuf(UnpooledByteBufAllocator.DEFAULT, 512, 512) {
            @Override
            public byte[] array() {
                throw new OutOfMemoryError("as the test says");
            }

            @Override
            public ByteBuf getBytes(int index, ByteBuf into, int at, int length) {
                throw new OutOfMemoryError("as the test says");
            }

            @Override
            public ByteBuffer nioBuffer(int index, int length) { // without Unsafe
                throw new OutOfMemoryError("as the test says");
            }
        };
        refused(mirror.submit(new BlockOp.Write(0, unreadable, false)), Errno.ENOMEM, "as the test says");
        write(mirror, 0, 8, 1);
        get(mirror.close());
    }

    @Test
    void whoComesRightBehindWhatFailedInsideGetsItsMemoryBack() {
        for (boolean stable : List.of(false, true)) {
            disks.clear();
            legs.clear();
            MirrorDevice mirror = create(2, options().equalAlready(true).stableMemory(stable));
            ByteBuf into = Unpooled.buffer(512);
            ByteBuf from = Unpooled.buffer(512);
            List<CompletableFuture<Void>> behind = new ArrayList<>();
            mirror.mirror().runtime().tell(() -> {
                behind.add(start(mirror, new BlockOp.Read(0, into)));
                behind.add(start(mirror, new BlockOp.Write(0, from, false)));
                behind.add(start(mirror, new BlockOp.Flush()));
                throw new IllegalStateException("a bug");
            });
            assertThat(behind).hasSize(3).allSatisfy(one -> assertThat(one).isCompletedExceptionally());
            assertThat(into.refCnt()).isEqualTo(1);
            assertThat(from.refCnt()).isEqualTo(1);
            get(mirror.close());
        }
    }

    @Test
    void whatCannotEvenBeToldEndsTheMirrorAllTheSame() {
        MirrorDevice mirror = create(2);
        legs.forEach(leg -> leg.stall());
        CompletableFuture<Void> write = start(mirror, writeOf(0, 8, 1));
        mirror.mirror().runtime().tell(() -> {
            throw new OutOfMemoryError() {
                @Override
                public String getMessage() {
                    throw new OutOfMemoryError("for its message");
                }
            };
        });
        assertThat(write).isCompletedExceptionally();
        legs.forEach(leg -> leg.release());
        get(mirror.close());
    }

    @Test
    void theEventsOfAMirrorThatFailedInsideEndWithIt() {
        MirrorDevice mirror = create(2);
        CompletableFuture<Void> events = mirror.events().then().toFuture();
        mirror.mirror().runtime().tell(() -> {
            throw new IllegalStateException("a bug");
        });
        assertThat(events).isNotDone();
        get(mirror.close());
        assertThat(events).isCompleted();
    }

    @Test
    void aMirrorThatFailedInsideTellsEverybodyAndCloses() {
        MirrorDevice mirror = create(2);
        legs.forEach(leg -> leg.stall());
        CompletableFuture<Void> write = start(mirror, writeOf(0, 8, 1));
        CompletableFuture<Void> close = mirror.close().toFuture();
        mirror.mirror().runtime().tell(() -> {
            throw new IllegalStateException("a bug");
        });
        assertThat(write).isCompletedExceptionally();
        assertThat(kinds()).contains(MirrorEvent.Kind.BROKEN);
        refused(mirror.submit(writeOf(0, 8, 1)), Errno.ESHUTDOWN, "");
        refused(mirror.status(), Errno.EIO, "failed inside");
        legs.forEach(leg -> leg.release());
        pass(Duration.ofSeconds(1));
        assertThat(close).isCompleted();
    }
}
