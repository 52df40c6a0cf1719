package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

/** However a write by bytes ends, its blocks are free for the next one, its place among the writes, too, and its memory. */
class DeviceBytesFaultsTest {

    private static final int MORE_THAN_MAY_WAIT = 1100;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final DmIo io = DmIo.create().get(16);
    private final ByteBuf from = Unpooled.directBuffer(700).writeZero(700);

    @AfterEach
    void nothingIsLeft() {
        StepVerifier.create(io.close()).verifyComplete();
        assertThat(io.budget().inUse()).isZero();
        assertThat(from.refCnt()).isOne();
        from.release();
    }

    /** A disk that does something else instead of one kind of operation. */
    private static final class Rude extends ForwardingDevice {
        private final Supplier<@Nullable Mono<Void>> instead;
        private BlockOp.@Nullable Kind when;

        Rude(Supplier<@Nullable Mono<Void>> instead) {
            super(MemoryDevice.of("memory", 8));
            this.instead = instead;
        }

        @Override
        @SuppressWarnings("NullAway") // which is what a rude one may give
        public Mono<Void> submit(BlockOp op) {
            return op.kind() == when ? instead.get() : super.submit(op);
        }
    }

    static Stream<Arguments> endings() {
        return Stream.of(BlockOp.Kind.READ, BlockOp.Kind.WRITE)
                .flatMap(kind -> Stream.<Supplier<@Nullable Mono<Void>>>of(
                                () -> Mono.error(new IllegalStateException("rude")),
                                () -> Mono.error(new OutOfMemoryError("rude")),
                                () -> {
                                    throw new IllegalStateException("rude");
                                },
                                () -> {
                                    throw new LinkageError("rude");
                                },
                                () -> null)
                        .map(instead -> Arguments.of(kind, instead)));
    }

    @ParameterizedTest
    @MethodSource("endings")
    void aDeviceThatBreaksTheRulesHoldsNothing(BlockOp.Kind when, Supplier<@Nullable Mono<Void>> instead) {
        Rude disk = new Rude(instead);
        DeviceBytes bytes = DeviceBytes.of(io, IoRegion.all(disk));
        disk.when = when;
        for (int i = 0; i < MORE_THAN_MAY_WAIT; i++) {
            StepVerifier.create(bytes.write(100, from)).verifyError(DeviceException.class);
        }
        disk.when = null;
        StepVerifier.create(bytes.write(100, from)).verifyComplete();
    }

    @Test
    void aCancelInAnyPhaseHoldsNothing() {
        for (int phase = 0; phase < 4; phase++) { // the blocks at both ends are read, then all is written
            ManualDevice disk = ManualDevice.of("disk", 8);
            DeviceBytes bytes = DeviceBytes.of(io, IoRegion.all(disk));
            Disposable write = bytes.write(100, from).subscribe();
            for (int answered = 0; answered < phase && answered < disk.ops().size(); answered++) {
                disk.answer(answered);
            }
            write.dispose();
            for (int i = Math.min(phase, 3); i < disk.ops().size(); i++) {
                disk.answer(i);
            }
            assertThat(disk.ops())
                    .as("it runs out, cancelled in phase %s", phase)
                    .hasSize(3);
            bytes.write(100, from).subscribe();
            assertThat(disk.ops()).hasSize(4);
            disk.answerFrom(3);
            assertThat(disk.ops()).hasSize(6);
        }
    }

    @Test
    void aReadThatIsCancelledBeforeItsAnswerHoldsNothing() {
        ManualDevice disk = ManualDevice.of("disk", 8);
        DeviceBytes bytes = DeviceBytes.of(io, IoRegion.all(disk));
        bytes.read(100, 700).subscribe().dispose();
        disk.answer(0);
        StepVerifier.create(bytes.read(0, 0).map(ByteBuf::capacity))
                .expectNext(0)
                .verifyComplete();
    }

    @Test
    void aClientThatIsClosedFailsWritesAndHoldsNothing() {
        DmIo closed = DmIo.create().get(16);
        DeviceBytes bytes = DeviceBytes.of(closed, IoRegion.all(MemoryDevice.of("memory", 8)));
        closed.close().block();
        for (int i = 0; i < MORE_THAN_MAY_WAIT; i++) {
            StepVerifier.create(bytes.write(100, from)).verifyError(IllegalStateException.class);
        }
        StepVerifier.create(bytes.read(0, 1)).verifyError(IllegalStateException.class);
    }

    @Test
    void memoryThatWasReleasedIsRefusedAndHoldsNothing() {
        DeviceBytes bytes = DeviceBytes.of(io, IoRegion.all(MemoryDevice.of("memory", 8)));
        ByteBuf gone = Unpooled.directBuffer(10).writeZero(10);
        Mono<Void> write = bytes.write(100, gone);
        gone.release();
        for (int i = 0; i < MORE_THAN_MAY_WAIT; i++) {
            StepVerifier.create(write).verifyError(io.netty.util.IllegalReferenceCountException.class);
        }
        StepVerifier.create(bytes.write(100, from)).verifyComplete();
    }

    @Test
    void aMonoWritesOnceMoreWithEachSubscription() {
        MemoryDevice disk = MemoryDevice.of("memory", 8);
        Mono<Void> write = DeviceBytes.of(io, IoRegion.all(disk)).write(100, from.setByte(0, 7));
        write.block();
        from.setByte(0, 8);
        write.block();
        assertThat(disk.snapshot(0, 1)[100]).isEqualTo((byte) 8);
    }

    @Test
    void aLackOfMemoryForABlockFailsTheWriteAndHoldsNothing() {
        BlockDevice huge = new ForwardingDevice(MemoryDevice.of("memory", 4 << 20)) {
            @Override
            public DeviceInfo info() {
                return super.info().withBlocks(1 << 30, 1 << 30); // more than a JVM of tests has
            }
        };
        DeviceBytes bytes = DeviceBytes.of(io, IoRegion.all(huge));
        for (int i = 0; i < 2; i++) {
            StepVerifier.create(bytes.write(100, from))
                    .expectErrorSatisfies(error -> assertThat(error).hasCauseInstanceOf(OutOfMemoryError.class))
                    .verify(PATIENCE);
        }
    }

    @Test
    void aLackOfMemoryOnTheWayFailsTheWriteAndHoldsNothing() {
        ManualDevice disk = ManualDevice.of("disk", 8);
        DeviceBytes bytes = DeviceBytes.of(io, IoRegion.all(disk));
        ByteBuf unreadable = new UnpooledHeapByteBuf(UnpooledByteBufAllocator.DEFAULT, 10, 10) {
            @Override
            public ByteBuffer nioBuffer(int index, int length) {
                throw new OutOfMemoryError("as scripted");
            }
        };
        for (int i = 0; i < 2; i++) {
            var write = bytes.write(100, unreadable.setIndex(0, 10)).toFuture();
            disk.answer(i); // the block is read, and cannot be changed
            assertThat(write)
                    .failsWithin(Duration.ZERO)
                    .withThrowableThat()
                    .havingRootCause()
                    .isInstanceOf(OutOfMemoryError.class);
        }
        assertThat(unreadable.refCnt()).isOne();
        unreadable.release();
    }

    @Test
    void readsTakeMemoryWhenThePagesAreGranted() {
        DmIo small = DmIo.create().get(256);
        ManualDevice disk = ManualDevice.of("disk", 2048);
        DeviceBytes bytes = DeviceBytes.of(small, IoRegion.all(disk));
        long before = PagePool.shared().reservedBytes();
        List<Disposable> reads = IntStream.range(0, 64)
                .mapToObj(i -> bytes.read(0, 1 << 20).subscribe(ByteBuf::release))
                .toList();
        assertThat(PagePool.shared().reservedBytes() - before).isLessThan(16L << 20);
        reads.forEach(Disposable::dispose);
        disk.answerFrom(0);
        StepVerifier.create(small.close()).expectComplete().verify(PATIENCE);
    }

    @Test
    void theSubscribersContextReachesTheDevice() {
        List<String> seen = new ArrayList<>();
        BlockDevice disk = new ForwardingDevice(MemoryDevice.of("memory", 8)) {
            @Override
            public Mono<Void> submit(BlockOp op) {
                return Mono.deferContextual(context -> {
                    seen.add(op.kind() + " for " + context.get("who"));
                    return super.submit(op);
                });
            }
        };
        DeviceBytes bytes = DeviceBytes.of(io, IoRegion.all(disk));
        bytes.write(100, from)
                .then(bytes.flush())
                .contextWrite(Context.of("who", "me"))
                .block();
        assertThat(seen).containsExactly("READ for me", "READ for me", "WRITE for me", "FLUSH for me");
    }
}
