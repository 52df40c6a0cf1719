package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** Pages: first come, first served, none lost, none made up; and get, put and close of a client. */
class PageBudgetTest {

    private final ManualDevice disk = ManualDevice.of("disk", 1L << 30);
    private final VmBuffer page = VmBuffer.of(new byte[4096]);

    @Test
    void whoComesFirstIsServedFirstHoweverLarge() {
        PageBudget budget = new PageBudget(4, 100);
        List<Sinks.Empty<Void>> ends = new ArrayList<>();
        List<Integer> started = new ArrayList<>();
        for (int pages : new int[] {3, 4, 1, 1, 2}) {
            Sinks.Empty<Void> end = Sinks.empty();
            ends.add(end);
            budget.use(pages, () -> {
                        started.add(pages);
                        return end.asMono();
                    })
                    .subscribe();
        }
        assertThat(started)
                .as("one page is free, and nobody overtakes the four")
                .containsExactly(3);
        ends.get(0).tryEmitEmpty();
        assertThat(started).containsExactly(3, 4);
        ends.get(1).tryEmitEmpty();
        assertThat(started).containsExactly(3, 4, 1, 1, 2);
        assertThat(budget.inUse()).isEqualTo(4);
        ends.subList(2, 5).forEach(Sinks.Empty::tryEmitEmpty);
        assertThat(budget.inUse()).isZero();
    }

    @Test
    void oneHundredThousandWritesToAStalledDeviceWaitInBoundedMemoryAndEndExactlyOnce() {
        DmIo io = DmIo.create().get(64);
        AtomicInteger ended = new AtomicInteger();
        for (int i = 0; i < 100_000; i++) {
            io.write(List.of(new IoRegion(disk, i * 8L, 8)), page).subscribe(bits -> {
                assertThat(bits).isEqualTo(ErrorBits.NONE);
                ended.incrementAndGet();
            });
        }
        assertThat(disk.ops())
                .as("no more reach the device than the budget has pages")
                .hasSize(64);
        assertThat(io.budget().waiting()).isEqualTo(100_000 - 64);
        assertThat(ended).hasValue(0);

        for (int i = 0; i < 100_000; i++) {
            disk.answer(i);
        }
        assertThat(ended).hasValue(100_000);
        assertThat(io.budget().inUse()).isZero();
        assertThat(io.budget().waiting()).isZero();
        for (int i = 0; i < 100_000; i += 999) {
            assertThat(disk.ops().get(i).sector()).as("in the order they came").isEqualTo(i * 8L);
        }
    }

    @Test
    void cancelWhileWaitingWithdrawsAndNothingReachesTheDevice() {
        DmIo io = DmIo.create().get(1);
        List<IoRegion> regions = List.of(new IoRegion(disk, 0, 8));
        io.write(regions, page).subscribe();
        Disposable second = io.write(regions, page).subscribe();
        Disposable third = io.write(regions, page).subscribe();
        second.dispose();
        assertThat(io.budget().waiting()).isEqualTo(1);
        disk.answer(0);

        assertThat(disk.ops()).hasSize(2);
        third.dispose();
        disk.answer(1);
        assertThat(disk.ops()).hasSize(2);
        assertThat(io.budget().inUse()).isZero();
    }

    @Test
    void withdrawingALargeClaimLetsTheSmallOnesBehindItPass() {
        PageBudget budget = new PageBudget(2, 100);
        Sinks.Empty<Void> first = Sinks.empty();
        List<String> started = new ArrayList<>();
        budget.use(1, first::asMono).subscribe();
        Disposable large = budget.use(2, Mono::never).subscribe();
        budget.use(1, () -> Mono.fromRunnable(() -> started.add("small"))).subscribe();
        assertThat(started).isEmpty();
        large.dispose();

        assertThat(started).containsExactly("small");
    }

    @Test
    void aRequestLargerThanTheBudgetRunsPieceByPiece() {
        DmIo io = DmIo.create().get(2);
        PageList memory = PageList.allocate(7);
        var result = io.write(List.of(new IoRegion(disk, 0, 56)), memory).toFuture();
        int most = 0;
        for (int i = 0; i < disk.ops().size(); i++) {
            most = Math.max(most, io.budget().inUse());
            disk.answer(i);
        }

        assertThat(result.join()).isEqualTo(ErrorBits.NONE);
        assertThat(most).isEqualTo(2);
        assertThat(disk.ops()).extracting(BlockOp::sectorCount).containsExactly(16L, 16L, 16L, 8L);
        memory.release();
    }

    @Test
    void largeRequestsAlternateInsteadOfStarvingEachOther() {
        DmIo io = DmIo.create().get(1);
        PageList memory = PageList.allocate(3);
        io.write(List.of(new IoRegion(disk, 0, 24)), memory).subscribe();
        io.write(List.of(new IoRegion(disk, 1000, 24)), memory).subscribe();
        disk.answerFrom(0);

        assertThat(disk.ops()).extracting(BlockOp::sector).containsExactly(0L, 1000L, 8L, 1008L, 16L, 1016L);
        memory.release();
    }

    @Test
    void newIoFromInsideACompletionFindsThePageFree() {
        DmIo io = DmIo.create().get(1);
        MemoryDevice memory = MemoryDevice.of("memory", 80);
        List<IoRegion> regions = List.of(new IoRegion(memory, 0, 8));
        AtomicInteger free = new AtomicInteger(-1);

        ErrorBits second = io.write(regions, page)
                .doOnNext(bits -> free.set(1 - io.budget().inUse()))
                .flatMap(bits -> io.write(regions, page))
                .block();
        assertThat(second).isEqualTo(ErrorBits.NONE);
        assertThat(free).hasValue(1);
    }

    @Test
    void aHundredThousandWaitersServedInlineDoNotNest() {
        DmIo io = DmIo.create().get(1);
        MemoryDevice memory = MemoryDevice.of("memory", 80);
        io.write(List.of(new IoRegion(disk, 0, 8)), page).subscribe();
        AtomicInteger ended = new AtomicInteger();
        for (int i = 0; i < 100_000; i++) {
            io.write(List.of(new IoRegion(memory, 0, 8)), page).subscribe(bits -> ended.incrementAndGet());
        }
        disk.answer(0); // a stack overflow here would be swallowed: so count

        assertThat(ended).hasValue(100_000);
    }

    @Test
    void aDeviceMadeOfDmIoWithItsOwnClientDoesNotDeadlock() {
        DmIo lower = DmIo.create().get(1);
        DmIo upper = DmIo.create().get(1);
        MemoryDevice bottom = MemoryDevice.of("bottom", 80);
        BlockDevice stacked = new BlockDevice() {
            @Override
            public DeviceInfo info() {
                return bottom.info();
            }

            @Override
            public Mono<Void> submit(BlockOp op) {
                BlockOp.Write write = (BlockOp.Write) op;
                IoRegion region = new IoRegion(bottom, write.sector(), write.sectorCount());
                return lower.write(List.of(region), VmBuffer.of(write.from())).then();
            }

            @Override
            public Mono<Void> close() {
                return Mono.empty();
            }
        };
        Flux<ErrorBits> many = Flux.range(0, 1000)
                .flatMap(i -> upper.write(List.of(new IoRegion(stacked, i % 10 * 8L, 8)), page), 256);

        StepVerifier.create(many).expectNextCount(1000).verifyComplete();
    }

    @Test
    void theLineHasAnEndAndItsMessageTheNumber() {
        DmIo io = DmIo.builder().waitersMax(2).build().get(1);
        List<IoRegion> regions = List.of(new IoRegion(disk, 0, 8));
        for (int i = 0; i < 3; i++) {
            io.write(regions, page).subscribe();
        }
        StepVerifier.create(io.write(regions, page))
                .expectErrorSatisfies(error -> {
                    assertThat(Exceptions.isOverflow(error)).isTrue();
                    assertThat(error).hasMessageContaining("2 requests wait");
                })
                .verify();
        assertThat(disk.ops()).hasSize(1);
        disk.answerFrom(0);
        assertThat(disk.ops()).as("those in line were not harmed").hasSize(3);
    }

    @Test
    void anAcceptedRequestIsNeverRefusedHalfway() {
        DmIo io = DmIo.builder().waitersMax(0).build().get(1);
        PageList memory = PageList.allocate(5);
        var result = io.write(List.of(new IoRegion(disk, 0, 40)), memory).toFuture();
        disk.answerFrom(0);

        assertThat(result.join()).isEqualTo(ErrorBits.NONE);
        assertThat(disk.ops()).hasSize(5);
        memory.release();
    }

    @Test
    void ioBeforeGetIsRefusedAndSaysWhatToDo() {
        DmIo io = DmIo.create();
        StepVerifier.create(io.write(List.of(new IoRegion(disk, 0, 8)), page))
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("call get(pages) before any I/O"))
                .verify();
        assertThat(disk.ops()).isEmpty();
    }

    @Test
    void theCapacityIsTheSumOfWhatWasGot() {
        DmIo io = DmIo.create().get(3).get(5);
        assertThat(io.budget().capacity()).isEqualTo(8);
        io.put(3).block();

        assertThat(io.budget().capacity()).isEqualTo(5);
        assertThatIllegalStateException()
                .isThrownBy(() -> io.put(6).block())
                .withMessageContaining("cannot put 6 pages: only 5 were got");
        assertThat(io.budget().capacity()).isEqualTo(5);
    }

    @Test
    void aFailedGetLeavesTheCapacityAsItWas() {
        DmIo io = DmIo.create().get(Integer.MAX_VALUE);

        assertThatIllegalArgumentException().isThrownBy(() -> io.get(1));
        assertThatIllegalArgumentException().isThrownBy(() -> io.get(0));
        assertThat(io.budget().capacity()).isEqualTo(Integer.MAX_VALUE);
        assertThatIllegalArgumentException().isThrownBy(() -> io.put(0));
    }

    @Test
    void shrinkingAppliesAsPagesComeBack() {
        DmIo io = DmIo.create().get(2);
        List<IoRegion> regions = List.of(new IoRegion(disk, 0, 8));
        for (int i = 0; i < 3; i++) {
            io.write(regions, page).subscribe();
        }
        CompletableFuture<Void> put = io.put(1).toFuture();
        assertThat(put).isNotDone();
        disk.answer(0);

        assertThat(put).isDone();
        assertThat(disk.ops())
                .as("the page that came back was not granted again")
                .hasSize(2);
        disk.answer(1);
        assertThat(disk.ops()).hasSize(3);
    }

    @Test
    void puttingTheLastPageWaitsForAllThatWasAcceptedAndRefusesWhatComesAfter() {
        DmIo io = DmIo.create().get(1);
        List<IoRegion> regions = List.of(new IoRegion(disk, 0, 8));
        var first = io.write(regions, page).toFuture();
        var waiting = io.write(regions, page).toFuture();
        CompletableFuture<Void> put = io.put(1).toFuture();

        StepVerifier.create(io.write(regions, page))
                .expectError(IllegalStateException.class)
                .verify();
        disk.answer(0);
        assertThat(first).isDone();
        assertThat(put).as("one was accepted and waits").isNotDone();
        disk.answer(1);
        assertThat(waiting.join()).isEqualTo(ErrorBits.NONE);
        assertThat(put).isDone();
    }

    @Test
    void closeWaitsForIoInFlightAndForRequestsBetweenTwoSpans() {
        DmIo io = DmIo.create().get(1);
        PageList memory = PageList.allocate(3);
        var write = io.write(List.of(new IoRegion(disk, 0, 24)), memory).toFuture();
        CompletableFuture<Void> close = io.close().toFuture();
        disk.answer(0);
        disk.answer(1);
        assertThat(close).isNotDone();
        disk.answer(2);

        assertThat(write.join()).isEqualTo(ErrorBits.NONE);
        assertThat(close).isDone();
        assertThatIllegalStateException().isThrownBy(() -> io.get(1)).withMessageContaining("closed");
        StepVerifier.create(io.write(List.of(), page))
                .expectError(IllegalStateException.class)
                .verify();
        StepVerifier.create(io.close()).as("again").verifyComplete();
        memory.release();
    }

    @Test
    void closeWaitsForIoWhoseSubscriberHasLeft() {
        DmIo io = DmIo.create().get(1);
        io.write(List.of(new IoRegion(disk, 0, 8)), page).subscribe().dispose();
        CompletableFuture<Void> close = io.close().toFuture();

        assertThat(close).isNotDone();
        disk.answer(0);
        assertThat(close).isDone();
    }

    @Test
    void aSubscriberThatThrowsDoesNotStopTheLine() {
        DmIo io = DmIo.create().get(1);
        MemoryDevice memory = MemoryDevice.of("memory", 80);
        io.write(List.of(new IoRegion(disk, 0, 8)), page).subscribe();
        io.write(List.of(new IoRegion(memory, 0, 8)), page).subscribe(new ThrowingSubscriber());
        var last = io.write(List.of(new IoRegion(memory, 0, 8)), page).toFuture();
        disk.answer(0);

        assertThat(last.join()).isEqualTo(ErrorBits.NONE);
        assertThat(io.budget().inUse()).isZero();
    }

    @Test
    void aBlockLargerThanTheBudgetIsRefusedNotHungNorOverdrawn() {
        DmIo io = DmIo.create().get(1);
        BlockDevice coarse =
                MemoryDevice.of(DeviceInfo.of("coarse", 1 << 10, "memory").withBlocks(65536, 65536));

        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> io.writeSync(List.of(new IoRegion(coarse, 0, 128)), VmBuffer.of(new byte[65536])))
                .withMessageContaining("less than one block of 65536 bytes");
    }

    @Test
    void workThatThrowsGivesItsPagesBack() {
        PageBudget budget = new PageBudget(1, 10);
        StepVerifier.create(budget.use(1, () -> {
                    throw new IllegalStateException("in the supplier");
                }))
                .expectErrorMessage("in the supplier")
                .verify();
        assertThat(budget.inUse()).isZero();
    }

    @Test
    void workThatRunsOutOfMemoryGivesItsPagesBackAndSaysSo() {
        PageBudget budget = new PageBudget(1, 10);
        StepVerifier.create(budget.use(1, () -> {
                    throw new OutOfMemoryError("direct");
                }))
                .expectErrorMessage("direct")
                .verify();
        assertThat(budget.inUse()).isZero();
    }

    @Test
    void closeBetweenAPreflushAndItsWriteWaitsForTheWrite() {
        DmIo io = DmIo.create().get(1);
        var write = io.write(List.of(new IoRegion(disk, 0, 8)), page, WriteOptions.NONE.withPreflush())
                .toFuture();
        CompletableFuture<Void> close = io.close().toFuture();
        disk.answer(0);
        assertThat(close).as("the write is still to come").isNotDone();
        disk.answer(1);

        assertThat(write.join()).isEqualTo(ErrorBits.NONE);
        assertThat(close).isDone();
    }

    @Test
    void aPutIsThroughOnceALaterGetMakesRoomForIt() {
        DmIo io = DmIo.create().get(2);
        List<IoRegion> regions = List.of(new IoRegion(disk, 0, 8));
        io.write(regions, page).subscribe();
        io.write(regions, page).subscribe();
        CompletableFuture<Void> put = io.put(1).toFuture();
        io.get(1);
        disk.answerFrom(0);

        assertThat(put).isDone();
    }

    /** Throws from onNext, which the specification forbids. */
    private static final class ThrowingSubscriber implements org.reactivestreams.Subscriber<ErrorBits> {
        @Override
        public void onSubscribe(org.reactivestreams.Subscription subscription) {
            subscription.request(1);
        }

        @Override
        public void onNext(ErrorBits bits) {
            throw new IllegalStateException("thrown by a bad subscriber");
        }

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onComplete() {}
    }
}
