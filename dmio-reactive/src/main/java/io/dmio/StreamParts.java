package io.dmio;

import io.dmio.concurrent.Ending;
import io.dmio.concurrent.Source;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * One run of a stream of buffers, which cuts it into parts to be written: a part is given when it is full, when the source pauses, and at the
 * end. The source is asked for the next buffer when a page is free and nobody waits in front.
 */
final class StreamParts {

    /** The interval of looks at whether the source pauses: it does if it is silent from one look to the next but one. */
    static final Duration LOOK = Duration.ofMillis(50);

    /** The number of silent looks after which a source is left that has filled every region: it gives nothing more, and does not end. */
    static final int FULL_LOOKS = 20;

    private static final int PAUSE_LOOKS = 2;

    private final PageBudget budget;
    private final Recut recut;
    private final Ending ending;
    private final boolean pad;
    private final AtomicInteger silence =
            new AtomicInteger(); // looks since the source was asked; negative: it is not its turn

    StreamParts(PageBudget budget, Recut recut, Ending ending, boolean pad) {
        this.budget = budget;
        this.recut = recut;
        this.ending = ending;
        this.pad = pad;
    }

    /** Returns the parts in any order: each knows its place. Ends when the source does; the source's error goes to the {@link Ending}. */
    Flux<Recut.Part> of(Publisher<? extends ByteBuf> source) {
        Flux<Recut.Part> streamed = buffers(source)
                .filter(Recut::hasFull)
                .concatMap(given -> inTurn(parts(recut::full)), 0)
                .concatWith(Flux.defer(() -> parts(() -> recut.last(pad && ending.failure() == null))))
                .doOnTerminate(ending::stop);
        return Flux.merge(1, streamed, paused());
    }

    private Flux<Recut> buffers(Publisher<? extends ByteBuf> source) {
        return budget.<Recut>turn()
                .thenMany(Source.<ByteBuf, Recut>of(source, this::taken).doOnRequest(n -> silence.set(0)))
                .doOnError(thrown -> recut.end())
                .onErrorResume(ending::sourceFailed)
                .takeUntil(Recut::isOver)
                .takeUntilOther(ending.stopped());
    }

    private Recut taken(ByteBuf buffer) {
        silence.set(-1);
        try {
            return recut.add(buffer);
        } catch (Throwable thrown) { // out of memory, too, which operators do not pass on
            ending.fail(thrown);
            return recut;
        }
    }

    // The clock runs as long as the source: when nothing more comes, what has come is written, however little.
    private Flux<Recut.Part> paused() {
        return Flux.interval(LOOK)
                .onBackpressureDrop()
                .takeUntilOther(ending.stopped())
                .concatMap(tick -> inTurn(look()), 0);
    }

    private Flux<Recut.Part> look() {
        int looks = silence.updateAndGet(before -> before < 0 ? before : before + 1);
        if (looks >= FULL_LOOKS && recut.isFull()) {
            ending.stop();
        }
        return looks < PAUSE_LOOKS ? Flux.empty() : parts(recut::whole);
    }

    private Flux<Recut.Part> parts(Supplier<Recut.@Nullable Part> cut) {
        return Flux.generate(sink -> {
            Recut.Part next = null;
            try {
                next = cut.get();
            } catch (Throwable thrown) {
                ending.fail(thrown);
            }
            if (next == null) {
                sink.complete();
            } else {
                sink.next(next);
            }
        });
    }

    private Flux<Recut.Part> inTurn(Flux<Recut.Part> parts) {
        return parts.concatMap(part -> Flux.just(part).concatWith(budget.turn()), 0);
    }
}
