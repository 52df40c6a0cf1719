package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.dmio.concurrent.Trampoline;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.engine.IoEngine;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.dmio.testkit.ManualDevice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The way of a result to whoever asked: none is lost, whatever completes at once, however long, and whoever throws. */
class SignalsTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int LINKS = 20_000; // many times as many as a stack has room for

    private final PageBudget budget = new PageBudget(1, 10);
    private final VmBuffer page = VmBuffer.of(new byte[4096]);
    private final MemoryDevice memory = MemoryDevice.of("memory", 80);

    static Stream<Arguments> requestsThatEndAtOnce() {
        MemoryDevice memory = MemoryDevice.of("memory", 80);
        BlockDevice failing = FaultyDevice.of(memory, Fault.errno(Errno.EIO));
        VmBuffer page = VmBuffer.of(new byte[4096]);
        List<IoRequest> requests = List.of(
                FanOutWay.write(page, memory),
                FanOutWay.write(page, failing, memory),
                IoRequest.read(new IoRegion(memory, 0, 8), page),
                IoRequest.flush(List.of(IoRegion.all(memory))),
                IoRequest.write(List.of(new IoRegion(memory, 79, 2)), page, WriteOptions.NONE), // refused
                IoRequest.write(List.of(), page, WriteOptions.NONE),
                IoRequest.write(List.of(new IoRegion(memory, 0, 8)), page, WriteOptions.NONE.withPreflush()));
        return Stream.of(FanOutWay.values())
                .flatMap(way -> requests.stream().map(request -> Arguments.of(way, request)));
    }

    /** Each completion asks for the next. */
    @ParameterizedTest
    @MethodSource("requestsThatEndAtOnce")
    void aChainOfCompletionsEndsHoweverLongItIs(FanOutWay way, IoRequest request) {
        AtomicInteger told = new AtomicInteger();
        next(way, request, told);
        assertThat(told).hasValue(LINKS);
        assertThat(budget.inUse()).isZero();
    }

    private void next(FanOutWay way, IoRequest request, AtomicInteger told) {
        way.run(budget, request).subscribe(bits -> {
            if (told.incrementAndGet() < LINKS) {
                next(way, request, told);
            }
        });
    }

    @Test
    void aChainOfWorkThatHoldsPagesEndsToo() {
        AtomicInteger told = new AtomicInteger();
        nextWork(told);
        assertThat(told).hasValue(LINKS);
    }

    private void nextWork(AtomicInteger told) {
        budget.use(1, () -> Mono.just(1)).subscribe(one -> {
            if (told.addAndGet(one) < LINKS) {
                nextWork(told);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void whatASubscriberThrowsReachesWhoeverWaitsForIt(FanOutWay way) {
        assertThatExceptionOfType(NoClassDefFoundError.class)
                .isThrownBy(() -> way.run(budget, FanOutWay.write(page, memory, memory))
                        .map(SignalsTest::throwing)
                        .block(PATIENCE));
        assertThat(budget.inUse()).isZero();
    }

    @Test
    void soItDoesFromTheEndOfALongChain() {
        Function<ErrorBits, Mono<ErrorBits>> more = bits -> budgeted();
        Mono<ErrorBits> chain = budgeted();
        for (int i = 0; i < 100; i++) { // nests deeper than results are told inside each other
            Mono<ErrorBits> rest = chain;
            chain = budgeted().flatMap(bits -> rest);
        }
        Mono<ErrorBits> all = chain.flatMap(more).map(SignalsTest::throwing);
        assertThatExceptionOfType(NoClassDefFoundError.class).isThrownBy(() -> all.block(PATIENCE));
        assertThat(budget.inUse()).isZero();
    }

    private Mono<ErrorBits> budgeted() {
        return FanOutWay.ONE_SPAN.run(budget, FanOutWay.write(page, memory));
    }

    @Test
    void whatASubscriberThrowsReachesItThroughAFileOnItsOwnThread(@TempDir Path directory) {
        IoEngine engine = IoEngines.posix(1);
        BlockDevice file = Objects.requireNonNull(
                engine.open(directory.resolve("file"), OpenOptions.readWrite().withCreate(1 << 20))
                        .block(PATIENCE));
        for (Mono<?> asked : List.of(
                budgetedTo(file).map(SignalsTest::throwing),
                file.submit(new BlockOp.Write(0, PagePool.zeroes().slice(0, 4096), false))
                        .then(Mono.fromSupplier(() -> throwing(ErrorBits.NONE))))) {
            assertThatExceptionOfType(NoClassDefFoundError.class)
                    .isThrownBy(() -> asked.contextWrite(LentThread::toWait).block(PATIENCE));
        }
        file.close().then(engine.close()).block(PATIENCE);
        assertThat(budget.inUse()).isZero();
    }

    private Mono<ErrorBits> budgetedTo(BlockDevice device) {
        return FanOutWay.ONE_SPAN.run(budget, FanOutWay.write(page, device));
    }

    @Test
    void aSubscriberThatThrowsTakesNobodyElsesResult() {
        ManualDevice disk = ManualDevice.of("disk", 80);
        CompletableFuture<ErrorBits> first = budgetedTo(disk).toFuture();
        budgeted().map(SignalsTest::throwing).subscribe();
        CompletableFuture<ErrorBits> last = budgeted().toFuture();
        disk.answer(0); // frees the page of the first: the others are started, and end, inside
        assertThat(first).isCompletedWithValue(ErrorBits.NONE);
        assertThat(last).isCompletedWithValue(ErrorBits.NONE);
        assertThat(budget.inUse()).isZero();
    }

    @Test
    void allOthersAreToldBeforeWhatOneThrowsIsThrown() {
        List<Integer> told = new ArrayList<>();
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> Trampoline.run(told, () -> nest(told, 3 * Trampoline.DEPTH_MAX)))
                .withMessage("the first")
                .satisfies(first -> assertThat(first.getSuppressed()).hasSize(1));
        assertThat(told).hasSize(3 * Trampoline.DEPTH_MAX + 1);
    }

    private static void nest(List<Integer> told, int left) {
        told.add(left);
        if (left > 0) {
            Trampoline.run(told, () -> nest(told, left - 1));
        }
        if (left == Trampoline.DEPTH_MAX / 2 || left == 0) {
            throw new IllegalStateException(left == 0 ? "the second" : "the first");
        }
    }

    /** Not to be done on a disk's thread; where everything ends at once, it works however deep. */
    @Test
    void aSyncCallInACompletionIsNotDeferredBehindItself() {
        DmIo io = DmIo.create().get(1);
        AtomicInteger told = new AtomicInteger();
        nextAndWait(io, told);
        assertThat(told).hasValue(100);
    }

    /** The same of a caller who blocks by Reactor's own means, at every depth and below operators that stand in between. */
    @Test
    void aBlockInACompletionIsNotDeferredBehindItself() {
        IoRegion region = new IoRegion(memory, 0, 16);
        VmBuffer twoPages = VmBuffer.of(new byte[2 * Sectors.PAGE_BYTES]);
        DmIo small = DmIo.builder().transferBytesMax(Sectors.PAGE_BYTES).build().get(1);
        PageBudget another = new PageBudget(1, 10);
        for (Supplier<Object> wait : List.<Supplier<Object>>of(
                () -> budgeted().block(PATIENCE),
                () -> budgeted().map(bits -> 1).blockOptional(PATIENCE),
                () -> Flux.just(1, 2).concatMap(i -> budgeted()).blockLast(PATIENCE),
                () -> small.read(region, twoPages).block(PATIENCE),
                () -> small.flush(List.of(region)).map(bits -> 1).block(PATIENCE),
                () -> another.use(1, () -> budgeted().map(bits -> 1)).block(PATIENCE))) {
            AtomicInteger told = new AtomicInteger();
            askAndBlock(told, wait);
            assertThat(told).hasValue(3 * Trampoline.DEPTH_MAX);
        }
    }

    private void askAndBlock(AtomicInteger told, Supplier<Object> wait) {
        budgeted().subscribe(bits -> {
            assertThat(wait.get()).isNotNull();
            if (told.incrementAndGet() < 3 * Trampoline.DEPTH_MAX) {
                askAndBlock(told, wait);
            }
        });
    }

    private void nextAndWait(DmIo io, AtomicInteger told) {
        io.write(List.of(new IoRegion(memory, 0, 8)), page).subscribe(bits -> {
            io.readSync(new IoRegion(memory, 0, 8), page);
            if (told.incrementAndGet() < 100) {
                nextAndWait(io, told);
            }
        });
    }

    private static ErrorBits throwing(ErrorBits bits) {
        if (bits.isClear()) {
            throw new NoClassDefFoundError("of the subscriber");
        }
        return bits;
    }
}
