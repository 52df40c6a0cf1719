package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.concurrent.Source;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import io.dmio.testkit.Patterns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What a stream that is written takes from its source, whatever the source is, and when it leaves it. */
class StreamSourceTest {

    private static final int GIVE_UP =
            100_000; // where an endless source ends all the same, so that a test that fails ends
    private static final int PREFETCH = 256; // of publishOn

    private final ManualDevice manual = ManualDevice.of("manual", 1 << 20);
    private final DmIo io = DmIo.create().get(64);
    private final List<ByteBuf> given = new ArrayList<>();
    private int answered;

    /** How a source may be made: what Reactor fuses, and what it cannot. */
    enum Kind {
        SYNC_FUSED,
        SYNC_FUSED_BY_AN_OPERATOR,
        ASYNC_FUSED,
        PLAIN;

        Flux<ByteBuf> of(Flux<ByteBuf> fused) {
            return switch (this) {
                case SYNC_FUSED -> fused;
                case SYNC_FUSED_BY_AN_OPERATOR -> fused.map(buffer -> buffer).filter(ByteBuf::isReadable);
                case ASYNC_FUSED -> fused.publishOn(Schedulers.immediate());
                case PLAIN -> fused.hide();
            };
        }
    }

    @AfterEach
    void everyBufferIsReleased() {
        answer();
        assertThat(io.budget().inUse()).isZero();
        assertThat(given).isNotEmpty().allMatch(buffer -> buffer.refCnt() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void anEndlessSourceIsLeftWhenTheRegionIsFull(Kind kind) {
        MemoryDevice disk = MemoryDevice.of("disk", 80);
        ErrorBits bits = io.write(List.of(IoRegion.all(disk)), endless(kind)).block();

        assertThat(bits).isEqualTo(ErrorBits.ofBits(1));
        assertThat(given).hasSizeLessThanOrEqualTo(81 + PREFETCH);
        released(kind);
    }

    @ParameterizedTest
    @EnumSource
    void aCancelTakesNoMoreFromTheSource(Kind kind) {
        takesNoMore(kind, (writing, future) -> writing.dispose());
    }

    @ParameterizedTest
    @EnumSource
    void aTimeoutTakesNoMoreFromTheSource(Kind kind) {
        VirtualTimeScheduler clock = VirtualTimeScheduler.getOrSet();
        try {
            takesNoMore(kind, (writing, future) -> clock.advanceTimeBy(Duration.ofSeconds(30)));
        } finally {
            VirtualTimeScheduler.reset();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCloseTakesNoMoreFromTheSource(Kind kind) {
        takesNoMore(kind, (writing, future) -> {
            io.close().subscribe();
            answer();
        });
    }

    private interface End {
        void of(Disposable writing, CompletableFuture<Void> ended);
    }

    private void takesNoMore(Kind kind, End end) {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        Disposable writing = io.write(List.of(IoRegion.all(manual)), endless(kind))
                .timeout(Duration.ofSeconds(30))
                .subscribe(bits -> ended.complete(null), ended::completeExceptionally);
        int before = given.size();
        end.of(writing, ended);

        assertThat(given).hasSizeLessThanOrEqualTo(before + PREFETCH);
        released(kind);
    }

    @Test
    void whatCameBeforeAnErrorOfTheSourceIsWritten() {
        MemoryDevice disk = MemoryDevice.of("disk", 80);
        byte[] pattern = Patterns.bytes(0, 40, 1);
        Flux<ByteBuf> source = Flux.concat(
                Flux.defer(() ->
                        Flux.just(give(pattern, 0, 15_000), give(pattern, 15_000, 5000))), // 39 sectors and 32 bytes
                Flux.error(new IllegalStateException("source")));
        StepVerifier.create(io.write(List.of(IoRegion.all(disk)), source, StreamOptions.NONE.withPadding()))
                .expectErrorMessage("source")
                .verify();

        assertThat(disk.snapshot(0, 39)).isEqualTo(Patterns.bytes(0, 39, 1));
        assertThat(disk.snapshot(39, 1)).as("no padding: more was to come").isEqualTo(new byte[512]);
    }

    @Test
    void anErrorOfTheSourceBringsTheFailuresOfTheRegions() {
        MemoryDevice disk = MemoryDevice.of("disk", 80);
        Flux<ByteBuf> source = Flux.concat(
                Flux.defer(() -> Flux.just(give(new byte[4096], 0, 4096))),
                Flux.error(new IllegalStateException("source")));
        var result = io.write(List.of(IoRegion.all(disk), IoRegion.all(manual)), source)
                .toFuture();
        manual.fail(0, Errno.EIO);
        answered = 1;

        assertThat(result).isCompletedExceptionally();
        assertThat(result.handle((bits, thrown) -> thrown).join().getSuppressed())
                .singleElement()
                .satisfies(
                        cause -> assertThat(((DeviceException) cause).device()).isEqualTo("manual"));
    }

    @Test
    void aCloseUnderAStreamIsAnIllegalState() {
        DmIo small = DmIo.create().get(4);
        Flux<ByteBuf> source = Flux.range(0, 100).map(i -> give(new byte[4096], 0, 4096));
        var result = small.write(List.of(IoRegion.all(manual)), source.hide()).toFuture();
        small.close().subscribe();
        answer();

        assertThat(result.handle((bits, thrown) -> unwrapped(thrown)).join()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aStreamWhoseClientIsClosedDoesNotWaitForItsSource() {
        DmIo small = DmIo.create().get(4);
        TestPublisher<ByteBuf> source = TestPublisher.create();
        var result = small.write(List.of(IoRegion.all(manual)), source.flux()).toFuture();
        small.close().subscribe();
        source.next(give(new byte[4096], 0, 4096));

        source.assertCancelled();
        assertThat(result).isCompletedExceptionally();
    }

    @Test
    void lackOfMemoryEndsAStream() {
        TestPublisher<ByteBuf> source = TestPublisher.create();
        var result = io.write(List.of(IoRegion.all(manual)), source.flux()).toFuture();
        source.next(give(new byte[100], 0, 100));
        source.next(new UnpooledHeapByteBuf(UnpooledByteBufAllocator.DEFAULT, 8, 8) {
            @Override
            public int readableBytes() { // as if there was no memory to copy it into
                throw new OutOfMemoryError("as scripted");
            }
        });

        source.assertCancelled();
        assertThat(result).isCompletedExceptionally();
        assertThat(result.handle((bits, thrown) -> unwrapped(thrown)).join()).isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void whatASourceGivesUnaskedIsWrittenAllTheSame() {
        DmIo one = DmIo.create().get(1);
        var result = one.write(List.of(IoRegion.all(manual)), unasked(1000, Patterns.bytes(0, 1000, 1)))
                .toFuture();
        int sectors = 0;
        while (answered < manual.ops().size()) { // each when the one before has been answered: there is one page
            BlockOp.Write op = (BlockOp.Write) manual.ops().get(answered);
            Patterns.check(op.from(), op.sector(), 1);
            sectors += op.from().capacity() / 512;
            manual.answer(answered++);
        }
        assertThat(sectors).isEqualTo(1000);
        assertThat(result.join()).isEqualTo(ErrorBits.NONE);
    }

    @Test
    void aSourceThatGivesFarTooMuchIsAnOverflow() {
        DmIo one = DmIo.create().get(1);
        int tooMany = Source.EXCESS_MAX + 100;
        var result = one.write(List.of(IoRegion.all(manual)), unasked(tooMany, Patterns.bytes(0, tooMany, 1)))
                .toFuture();
        answer();

        assertThat(result.handle((bits, thrown) -> unwrapped(thrown)).join())
                .matches(Exceptions::isOverflow)
                .hasMessageContaining("" + Source.EXCESS_MAX);
    }

    /** One sector a buffer, all at once, whatever is asked for. */
    private Flux<ByteBuf> unasked(int buffers, byte[] pattern) {
        return Flux.from(subscriber -> {
            subscriber.onSubscribe(Operators.emptySubscription());
            for (int i = 0; i < buffers; i++) {
                subscriber.onNext(give(pattern, i * 512, 512));
            }
            subscriber.onComplete();
        });
    }

    private Flux<ByteBuf> endless(Kind kind) {
        return kind.of(Flux.generate(sink -> {
            if (given.size() < GIVE_UP) {
                sink.next(give(new byte[4096], 0, 512));
            } else {
                sink.error(new IllegalStateException("gave up"));
            }
        }));
    }

    private ByteBuf give(byte[] bytes, int from, int length) {
        ByteBuf buffer = Unpooled.buffer(length).writeBytes(bytes, from, length);
        given.add(buffer);
        return buffer;
    }

    /** A source that gives ahead of what it is asked for releases that itself, if it is told to; here nobody tells it. */
    private void released(Kind kind) {
        if (kind == Kind.ASYNC_FUSED) {
            given.stream().filter(buffer -> buffer.refCnt() > 0).forEach(ByteBuf::release);
        }
    }

    private void answer() {
        int from = answered;
        manual.answerFrom(from);
        answered = manual.ops().size();
    }

    private static Throwable unwrapped(Throwable thrown) {
        return thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
    }
}
