package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.harness.DropsErrors;
import io.dmio.testkit.ManualDevice;
import io.dmio.testkit.Seed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What a put and a close wait for, and what they refuse: nothing that was accepted, and for nothing that came later. */
@ExtendWith(Seed.class)
class PutAndCloseTest {

    private final ManualDevice disk = ManualDevice.of("disk", 1L << 30);
    private final VmBuffer page = VmBuffer.of(new byte[4096]);
    private final List<IoRegion> regions = List.of(new IoRegion(disk, 0, 8));

    @Test
    void aPutBetweenAPreflushAndItsWriteRefusesNothing() {
        DmIo io = DmIo.create().get(1);
        var write = io.write(regions, page, WriteOptions.NONE.withPreflush()).toFuture();
        CompletableFuture<Void> put = io.put(1).toFuture();
        disk.answer(0);
        assertThat(disk.ops()).extracting(BlockOp::kind).containsExactly(BlockOp.Kind.FLUSH, BlockOp.Kind.WRITE);
        assertThat(put).as("the write was accepted before").isNotDone();
        disk.answer(1);

        assertThat(write).isCompletedWithValue(ErrorBits.NONE);
        assertThat(put).isDone();
    }

    @Test
    void norDoesAPutOrACloseBetweenAPreflushAndAWriteOfManySpans() {
        for (boolean close : new boolean[] {false, true}) {
            DmIo io = DmIo.create().get(2);
            PageList memory = PageList.allocate(5);
            int first = disk.ops().size();
            var write = io.write(List.of(new IoRegion(disk, 0, 40)), memory, WriteOptions.NONE.withPreflush())
                    .toFuture();
            CompletableFuture<Void> end = (close ? io.close() : io.put(2)).toFuture();
            disk.answer(first);
            disk.answer(first + 1);
            assertThat(end).as("two of five pages are written").isNotDone();
            disk.answerFrom(first + 2);

            assertThat(write).isCompletedWithValue(ErrorBits.NONE);
            assertThat(end).isDone();
            memory.release();
        }
    }

    @Test
    void aPutOfTheLastPageDoesNotWaitForWhatALaterGetLetsIn() {
        DmIo io = DmIo.create().get(1);
        io.write(regions, page).subscribe();
        CompletableFuture<Void> put = io.put(1).toFuture();
        io.get(4);
        io.write(regions, page).subscribe();
        assertThat(put).as("what was accepted before is in flight").isNotDone();
        disk.answer(0);
        assertThat(put).isDone();
        assertThat(io.budget().inUse()).isEqualTo(1);
        disk.answer(1);
    }

    @Test
    void itWaitsForWhatWasInLineAndForSpansWhoseSubscriberHasLeft() {
        DmIo io = DmIo.create().get(1);
        PageList memory = PageList.allocate(3);
        Disposable large = io.write(List.of(new IoRegion(disk, 0, 24)), memory).subscribe();
        io.write(regions, page).subscribe();
        CompletableFuture<Void> put = io.put(1).toFuture();
        large.dispose(); // its first span is in flight
        memory.release();
        io.get(4);
        io.write(regions, page).subscribe();
        assertThat(disk.ops()).hasSize(3);
        disk.answer(1);
        assertThat(put).as("the first span is on its way").isNotDone();
        disk.answer(0);
        assertThat(put).as("the third came after it").isDone();
        disk.answer(2);
    }

    @Test
    void eachPutOfTheLastPageWaitsForItsOwnAndWhatIsOlder() {
        PageBudget budget = new PageBudget(1, 10);
        Sinks.Empty<Void> older = Sinks.empty();
        budget.use(1, older::asMono).subscribe();
        CompletableFuture<Void> first = budget.shrink(1).toFuture();
        budget.grow(2);
        Sinks.Empty<Void> younger = Sinks.empty();
        budget.use(1, younger::asMono).subscribe();
        CompletableFuture<Void> second = budget.shrink(2).toFuture();
        CompletableFuture<Void> close = budget.close().toFuture();
        younger.tryEmitEmpty();
        assertThat(List.of(first, second, close)).noneMatch(CompletableFuture::isDone);
        older.tryEmitEmpty();
        assertThat(List.of(first, second, close)).allMatch(CompletableFuture::isDone);
    }

    @Test
    void aPutDoesNotStarveBehindRequestsThatRunAlone() {
        PageBudget budget = new PageBudget(2, 10);
        Sinks.Empty<Void> first = Sinks.empty();
        budget.use(2, first::asMono).subscribe();
        CompletableFuture<Void> put = budget.shrink(1).toFuture();
        budget.use(2, Mono::never).subscribe(); // more than there is now: alone, once everything is free
        first.tryEmitEmpty();
        assertThat(put).as("everything was free before the next began").isDone();
        assertThat(budget.inUse()).isEqualTo(2);
    }

    @Test
    void aGetThatMakesUpForAPutEndsItAtOnce() {
        PageBudget budget = new PageBudget(2, 10);
        budget.use(2, Mono::never).subscribe();
        CompletableFuture<Void> put = budget.shrink(1).toFuture();
        assertThat(put).isNotDone();
        budget.grow(1);
        assertThat(put).isDone();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anErrorOfASourceIsToldFirstOnlyIfWhatCameBeforeIsWritten(boolean close) {
        VirtualTimeScheduler.getOrSet(); // the source makes no pause
        try {
            DmIo io = DmIo.create().get(4);
            TestPublisher<ByteBuf> source = TestPublisher.create();
            List<Throwable> thrown = new ArrayList<>();
            io.write(regions, source.flux()).subscribe(bits -> {}, thrown::add);
            source.next(Unpooled.buffer(512).writerIndex(512)); // waits for more
            (close ? io.close() : io.put(4)).subscribe();
            source.error(new IllegalArgumentException("of the source"));

            assertThat(disk.ops()).isEmpty();
            assertThat(thrown).singleElement().satisfies(refusal -> {
                assertThat(refusal).isInstanceOf(IllegalStateException.class).hasMessageContaining("no");
                assertThat(refusal.getSuppressed())
                        .singleElement()
                        .satisfies(error -> assertThat(error).hasMessage("of the source"));
            });
        } finally {
            VirtualTimeScheduler.reset();
        }
    }

    @DropsErrors("a subscriber must not throw")
    @Test
    void whoThrowsWhenItsPutEndsTakesNobodysResult() {
        DmIo io = DmIo.create().get(1);
        var write = io.write(regions, page).toFuture();
        io.put(1)
                .then(Mono.fromRunnable(() -> {
                    throw new NoClassDefFoundError("of who put");
                }))
                .subscribe();
        disk.answer(0);
        assertThat(write).isCompletedWithValue(ErrorBits.NONE);
    }

    @DropsErrors("a subscriber must not throw")
    @Test
    void aHookThatThrowsTakesNobodysResult() {
        DmIo io = DmIo.create().get(1);
        var write = io.write(regions, page).toFuture();
        io.put(1).subscribe(BadDevices.thrower());
        Hooks.onErrorDropped(thrown -> {
            throw new IllegalStateException("by the hook", thrown);
        });
        try {
            disk.answer(0);
        } finally {
            Hooks.resetOnErrorDropped();
        }
        assertThat(write).isCompletedWithValue(ErrorBits.NONE);
    }

    @Test
    void inRandomHistoriesEveryPutEndsWithWhatItWaitsForAndNotBefore(SplittableRandom random) {
        for (int history = 0; history < 500; history++) {
            new History(random).run(60);
        }
    }

    /** Work, puts and gets in a random order, and what each put waits for. */
    private static final class History {

        private final SplittableRandom random;
        private final PageBudget budget = new PageBudget(3, 1000);
        private final List<Work> unfinished = new ArrayList<>();
        private final List<Put> puts = new ArrayList<>();

        /** One claim: waits, runs, is over. */
        private final class Work {
            final Sinks.Empty<Void> end = Sinks.empty();
            boolean runs;
            Disposable running = Disposables.disposed();

            void start(int pages) {
                unfinished.add(this);
                running = budget.use(pages, () -> {
                            runs = true;
                            return end.asMono();
                        })
                        .subscribe(none -> {}, refused -> unfinished.remove(this));
            }
        }

        /** A put, and who was there when it came. */
        private record Put(CompletableFuture<Void> done, int left, List<Work> before) {}

        History(SplittableRandom random) {
            this.random = random;
        }

        void run(int steps) {
            for (int i = 0; i < steps; i++) {
                step();
                puts.forEach(this::check);
            }
            while (!unfinished.isEmpty()) {
                end(unfinished.get(0));
            }
            assertThat(puts).allMatch(put -> put.done.isDone());
            assertThat(budget.inUse() + budget.waiting()).isZero();
        }

        private void step() {
            switch (random.nextInt(6)) {
                case 0 -> budget.grow(1 + random.nextInt(2));
                case 1 -> put();
                case 2, 3 -> new Work().start(1 + random.nextInt(3));
                default -> {
                    if (!unfinished.isEmpty()) {
                        end(unfinished.get(random.nextInt(unfinished.size())));
                    }
                }
            }
        }

        private void put() {
            int has = budget.capacity();
            if (has > 0) {
                int pages = random.nextBoolean() ? has : 1 + random.nextInt(has);
                List<Work> before = List.copyOf(unfinished);
                puts.add(new Put(budget.shrink(pages).toFuture(), has - pages, before));
            }
        }

        private void end(Work work) {
            unfinished.remove(work);
            if (work.runs) {
                work.end.tryEmitEmpty();
            } else {
                work.running.dispose();
            }
        }

        private void check(Put put) {
            if (put.left == 0) {
                assertThat(put.done.isDone()).isEqualTo(put.before.stream().noneMatch(unfinished::contains));
            } else if (!put.done.isDone()) {
                assertThat(budget.inUse()).isGreaterThan(Math.max(put.left, budget.capacity()));
            }
        }
    }
}
