package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import io.dmio.testkit.Patterns;
import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;

/** Memory and pages, on both ways of a request: who holds what from when to when, also past a cancel. */
class FanOutOwnershipTest {

    private final PageBudget budget = new PageBudget(4, 10);

    @ParameterizedTest
    @EnumSource
    void aFailedReadLeavesZeroesAndGivesTheMemoryBack(FanOutWay way) {
        ManualDevice disk = ManualDevice.of("disk", 80);
        ByteBuf page = PagePool.shared().allocate(4096).setIndex(5, 7);
        Patterns.fill(page, 0, 1);
        int[] held = new int[1];
        var result = way.run(budget, IoRequest.read(new IoRegion(disk, 0, 8), VmBuffer.of(page)))
                .doOnNext(bits -> held[0] = page.refCnt() + budget.inUse())
                .toFuture();
        disk.fail(0, Errno.EIO);

        assertThat(result.join().toLong()).isEqualTo(1);
        assertThat(held[0]).as("references and pages when the result came").isEqualTo(1);
        byte[] found = new byte[4096];
        page.getBytes(0, found);
        assertThat(found).isEqualTo(new byte[4096]);
        assertThat(page.readerIndex() + page.writerIndex()).isEqualTo(12);
        page.release();
    }

    @ParameterizedTest
    @EnumSource
    void cancelledWhileWaitingNothingReachesTheDeviceNorHoldsTheMemory(FanOutWay way) {
        ManualDevice disk = ManualDevice.of("disk", 80);
        CompletableFuture<Void> hold = new CompletableFuture<>();
        budget.use(4, () -> Mono.fromFuture(hold)).subscribe();
        ByteBuf page = PagePool.shared().allocate(4096);
        var waiting = way.run(budget, FanOutWay.write(VmBuffer.of(page), disk)).subscribe();
        assertThat(page.refCnt()).isEqualTo(1);
        waiting.dispose();
        page.release();
        hold.complete(null);

        assertThat(disk.ops()).isEmpty();
        assertThat(budget.inUse() + budget.waiting()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void cancelledAfterSubmissionThePagesStayUntilEveryDeviceAnswered(FanOutWay way) {
        ManualDevice one = ManualDevice.of("one", 80);
        ManualDevice two = ManualDevice.of("two", 80);
        ByteBuf page = PagePool.shared().allocate(4096);
        way.run(budget, FanOutWay.write(VmBuffer.of(page), one, two))
                .subscribe()
                .dispose();
        page.release();
        one.fail(0, Errno.EIO);

        assertThat(page.refCnt()).as("the second still reads it").isPositive();
        assertThat(budget.inUse()).isEqualTo(1);
        assertThat(one.detached() + two.detached()).isZero();
        two.answer(0);
        assertThat(page.refCnt()).isZero();
        assertThat(budget.inUse()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void memoryReleasedTooEarlyIsTheRequestsErrorAndGivesThePagesBack(FanOutWay way) {
        VmBuffer memory = VmBuffer.allocate(4096);
        memory.release();
        AtomicReference<Throwable> error = new AtomicReference<>();
        way.run(budget, FanOutWay.write(memory, MemoryDevice.of("disk", 80))).subscribe(bits -> {}, error::set);

        assertThat(error.get()).isInstanceOf(IllegalReferenceCountException.class);
        assertThat(budget.inUse()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aClosedBudgetRefusesAndNothingReachesTheDevice(FanOutWay way) {
        budget.close().block();
        ManualDevice disk = ManualDevice.of("disk", 80);
        assertThat(way.run(budget, FanOutWay.write(VmBuffer.of(new byte[4096]), disk))
                        .toFuture())
                .isCompletedExceptionally()
                .failsWithin(1, TimeUnit.SECONDS)
                .withThrowableThat()
                .withCauseInstanceOf(IllegalStateException.class);
        assertThat(disk.ops()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aRequestNobodyAsksAnythingOfDoesNothing(FanOutWay way) {
        ManualDevice disk = ManualDevice.of("disk", 80);
        way.run(budget, FanOutWay.write(VmBuffer.of(new byte[4096]), disk)).subscribe(new BaseSubscriber<ErrorBits>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {} // no request(n)
        });
        assertThat(disk.ops()).isEmpty();
        assertThat(budget.inUse()).isZero();
    }
}
