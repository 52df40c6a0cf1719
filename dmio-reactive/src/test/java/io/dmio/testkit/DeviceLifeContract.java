package io.dmio.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Extent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

/** The part of {@link BlockDeviceContract} about subscribing, cancelling, closing, and many operations at a time. */
public abstract class DeviceLifeContract extends DeviceFixture {

    /** The size in sectors of the device on which the contract is checked: 4 MiB. */
    protected static final long SECTORS = 8192;

    /**
     * Opens a fresh writable device. Called once or more in a test; the contract closes each device after it.
     *
     * @param sectors the device's size; whole 4 KiB pages
     * @return the device, of that size; what it holds does not matter
     */
    protected abstract BlockDevice open(long sectors);

    /**
     * Opens a device for reading only, whose changes are refused with EROFS. The contract closes it.
     *
     * @param sectors the device's size
     * @return the device; empty unless a subclass says otherwise, for a kind that has no read-only form
     */
    protected Optional<BlockDevice> openReadOnly(long sectors) {
        return Optional.empty();
    }

    /**
     * Returns whether the device must copy heap memory on its way, and count that in {@link io.dmio.PagePool#bounceCount}.
     *
     * @return false unless a subclass says so
     */
    protected boolean copiesHeapMemory() {
        return false;
    }

    @Test
    void nothingHappensBeforeSubscribeAndEachSubscriptionIsOneAct() {
        BlockDevice device = device();
        ByteBuf memory = filled(blockBytes(device), 22);
        write(device, 0, memory);
        memory.setBytes(0, filled(blockBytes(device), 23), 0, memory.capacity());
        Mono<Void> write = device.submit(new BlockOp.Write(0, memory, false));
        assertThat(all(read(device, 0, memory.capacity()))).isEqualTo(all(filled(blockBytes(device), 22)));
        write.block(PATIENCE);
        assertThat(all(read(device, 0, memory.capacity()))).isEqualTo(all(memory));
        memory.setByte(0, 99);
        write.block(PATIENCE);
        assertThat(read(device, 0, memory.capacity()).getByte(0)).isEqualTo((byte) 99);
    }

    @Test
    void aSubscriberThatCancelsAtOnceLosesNoMemory() {
        BlockDevice device = device();
        ByteBuf memory = filled(64 << 10, 24);
        for (int i = 0; i < 200; i++) {
            device.submit(new BlockOp.Write(0, memory, false)).subscribe().dispose();
            device.submit(new BlockOp.Write(0, memory, false)).subscribe(new BaseSubscriber<Void>() {
                @Override
                protected void hookOnSubscribe(Subscription subscription) {
                    subscription.cancel();
                }
            });
        }
        device.close().block(PATIENCE);
        assertThat(memory.refCnt()).isEqualTo(1);
    }

    @Test
    void whatWasSubmittedBeforeACancelledOneStillCompletes() {
        BlockDevice device = device();
        ByteBuf memory = filled(blockBytes(device), 25);
        List<Mono<Void>> kept = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            kept.add(device.submit(new BlockOp.Write((long) i * block(device), memory, false)));
            kept.add(device.submit(new BlockOp.Write((long) i * block(device), memory, false))
                    .takeUntilOther(Mono.empty()));
        }
        Flux.merge(Flux.fromIterable(kept), 128).blockLast(PATIENCE);
        for (int i = 0; i < 64; i++) {
            assertThat(all(read(device, (long) i * block(device), memory.capacity())))
                    .isEqualTo(all(memory));
        }
    }

    @Test
    void extentsCoverTheRangeAndAreRefusedOutsideTheDevice() {
        BlockDevice device = device();
        long end = device.info().sectorCount();
        List<Extent> extents =
                device.extents(8, end - 8).blockOptional(PATIENCE).orElseThrow();
        assertThat(extents.get(0).sector()).isEqualTo(8);
        for (int i = 1; i < extents.size(); i++) {
            Extent before = extents.get(i - 1);
            assertThat(extents.get(i).sector()).isEqualTo(before.sector() + before.sectorCount());
        }
        for (long[] outside :
                new long[][] {{0, 0}, {-1, 8}, {0, -8}, {0, end + 1}, {end, 1}, {1, Long.MAX_VALUE}, {Long.MAX_VALUE, 1}
                }) {
            StepVerifier.create(device.extents(outside[0], outside[1]))
                    .expectErrorSatisfies(error -> assertThat(error)
                            .isInstanceOfSatisfying(
                                    DeviceException.class,
                                    refusal -> assertThat(refusal.errno()).isEqualTo(Errno.EINVAL)))
                    .verify(PATIENCE);
        }
    }

    @Test
    void whatWasWrittenIsToldToBeData() {
        BlockDevice device = device();
        long end = device.info().sectorCount();
        ByteBuf memory = filled(blockBytes(device), 9);
        for (long at :
                new long[] {end / 2 - block(device), end - block(device)}) { // far from what a mistaken place would be
            write(device, at, memory);
            for (long next = 0; next < end; ) { // a device may stop before the end of the range
                for (Extent extent :
                        device.extents(next, end - next).blockOptional(PATIENCE).orElseThrow()) {
                    next = extent.sector() + extent.sectorCount();
                    if (extent.sector() < at + block(device) && at < next) {
                        assertThat(extent.kind())
                                .as("else a copy would leave out what is at sector %s", at)
                                .isEqualTo(Extent.Kind.DATA);
                    }
                }
            }
        }
    }

    @Test
    void afterCloseEverythingIsRefused() {
        BlockDevice device = device();
        device.close().block(PATIENCE);
        ByteBuf memory = filled(blockBytes(device), 26);
        refuses(device, new BlockOp.Write(0, memory, false), Errno.ESHUTDOWN);
        refuses(device, new BlockOp.Read(0, memory), Errno.ESHUTDOWN);
        refuses(device, new BlockOp.Flush(), Errno.ESHUTDOWN);
        assertThat(memory.refCnt()).isEqualTo(1);
        assertThat(device.info().name()).isNotEmpty();
    }

    @Test
    void closingIsColdAndClosingAgainWaitsForTheSameEnd() {
        BlockDevice device = device();
        Mono<Void> close = device.close();
        write(device, 0, filled(blockBytes(device), 27));
        close.block(PATIENCE);
        close.block(PATIENCE);
        device.close().block(PATIENCE);
    }

    @Test
    void aCloserThatThrowsKeepsNoOtherFromHearingOfTheEnd() throws Exception {
        BlockDevice device = device();
        ByteBuf memory = filled(256 << 10, 32);
        device.submit(new BlockOp.Write(0, memory, false)).subscribe();
        Consumer<Throwable> onPurpose = dropped -> {};
        device.close().subscribe(new BaseSubscriber<Void>() {
            @Override
            public Context currentContext() {
                return Context.of("reactor.onErrorDropped.local", onPurpose);
            }

            @Override
            protected void hookOnComplete() {
                throw new IllegalStateException("of a closer");
            }

            @Override
            protected void hookOnError(Throwable thrown) {
                throw new IllegalStateException("of a closer");
            }
        });
        device.close().toFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void closeWaitsForWhatIsInFlight() throws InterruptedException {
        BlockDevice device = device();
        ByteBuf memory = filled(256 << 10, 28);
        CountDownLatch ended = new CountDownLatch(64);
        for (int i = 0; i < 64; i++) {
            device.submit(new BlockOp.Write(0, memory, false))
                    .doFinally(signal -> ended.countDown())
                    .subscribe();
        }
        device.close().block(PATIENCE);
        assertThat(memory.refCnt()).isEqualTo(1);
        assertThat(ended.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue(); // may come just after close's own
    }

    @Test
    void aThousandOperationsInFlightEachDoTheirOwn() {
        BlockDevice device = device();
        int count = (int) Math.min(1000, device.info().sectorCount() / block(device));
        List<ByteBuf> written = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            written.add(filled(blockBytes(device), 1000 + i));
        }
        Flux.range(0, count)
                .flatMap(i -> device.submit(new BlockOp.Write((long) i * block(device), written.get(i), false)), count)
                .blockLast(PATIENCE);
        List<ByteBuf> read = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            read.add(memory(blockBytes(device)));
        }
        Flux.range(0, count)
                .flatMap(i -> device.submit(new BlockOp.Read((long) i * block(device), read.get(i))), count)
                .blockLast(PATIENCE);
        for (int i = 0; i < count; i++) {
            assertThat(all(read.get(i))).isEqualTo(all(written.get(i)));
        }
    }

    @Test
    void aCompletionMaySubmitAgain() {
        BlockDevice device = device();
        ByteBuf memory = filled(blockBytes(device), 29);
        AtomicInteger writes = new AtomicInteger();
        device.submit(new BlockOp.Write(0, memory, false))
                .doOnSuccess(unused -> writes.incrementAndGet())
                .repeat(999)
                .blockLast(PATIENCE);
        assertThat(writes).hasValue(1000);
    }

    @Test
    void aReadOnlyDeviceRefusesChangesAndReads() {
        Optional<BlockDevice> opened = openReadOnly(SECTORS);
        assumeTrue(opened.isPresent(), "this kind has no read-only form");
        BlockDevice device = tracked(opened.get());
        ByteBuf memory = filled(blockBytes(device), 30);
        refuses(device, new BlockOp.Write(0, memory, false), Errno.EROFS);
        refuses(device, new BlockOp.Discard(0, block(device)), Errno.EROFS);
        refuses(device, new BlockOp.WriteZeroes(0, block(device)), Errno.EROFS);
        run(device, new BlockOp.Read(0, memory));
    }

    @Test
    void readOnlyMemoryIsRefusedAlsoAsAPartOfOther() {
        BlockDevice device = device();
        write(device, 0, filled(8192, 31));
        ByteBuf page = memory(4096);
        ByteBuf readOnly = page.setZero(0, 4096).setIndex(0, 4096).asReadOnly();
        ByteBuf writable = memory(4096).setIndex(0, 4096);
        refuses(device, new BlockOp.Read(0, Unpooled.wrappedBuffer(readOnly, writable)), Errno.EINVAL);
        assertThat(page.getByte(0)).isZero();
    }

    /**
     * Opens the device under test.
     *
     * @return a device of {@link #SECTORS}; closed after the test
     */
    protected final BlockDevice device() {
        return tracked(open(SECTORS));
    }
}
