package io.dmio.fuzz;

import static io.dmio.fuzz.Taken.now;
import static io.dmio.fuzz.Taken.require;

import io.dmio.IoRegion;
import io.dmio.copy.Copy;
import io.dmio.copy.CopyService;
import io.dmio.copy.Throttle;
import io.dmio.device.MemoryDevice;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Numbers of copies and of what slows them. */
final class CopyNumbers {

    private static final MemoryDevice FROM = MemoryDevice.of("from", 64);
    private static final MemoryDevice TO = MemoryDevice.of("to", 64);

    private CopyNumbers() {}

    static void throttle(Draw draw) {
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        Throttle throttle = Throttle.unlimited(() -> clock);
        long rate = draw.number();
        int percent = draw.count();
        long bytes = draw.number();
        Taken.of(() -> throttle.bytesPerSecondMax(rate), rate);
        Taken.of(() -> throttle.percentMax(percent), percent);
        Taken.of(() -> throttle.admit(bytes), bytes).ifPresent(first -> {
            require(first.toFuture().isDone(), "the first is not held up");
            require(throttle.timed(Mono.just(1)).toFuture().isDone(), "work is done");
            CompletableFuture<Void> second = throttle.admit(512).toFuture();
            clock.advanceTimeBy(Duration.ofDays(1));
            throttle.bytesPerSecondMax(Long.MAX_VALUE).percentMax(100);
            clock.advanceTimeBy(Duration.ofSeconds(1));
            require(second.isDone() && !second.isCompletedExceptionally(), "without a limit nobody waits");
        });
        clock.dispose();
    }

    static void service(Draw draw) {
        int piece = draw.count();
        int inFlight = draw.count();
        int pages = draw.count();
        int copies = draw.count();
        CopyService.Builder builder = CopyService.builder();
        Optional<CopyService> made = Taken.of(() -> builder.piecePages(piece), piece)
                .flatMap(with -> Taken.of(() -> with.piecesInFlightMax(inFlight), inFlight))
                .flatMap(with -> Taken.of(() -> with.pages(pages), pages))
                .flatMap(with -> Taken.of(() -> with.copiesMax(copies), copies))
                .map(CopyService.Builder::build);
        made.ifPresent(service -> {
            Copy copy = service.copy(IoRegion.all(FROM), List.of(IoRegion.all(TO)));
            require(now(copy.run()).isComplete(), "a copy");
            service.close().block();
        });
    }

    static void progress(Draw draw) {
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        CopyService service = CopyService.builder().clock(() -> clock).build();
        Copy copy = service.copy(IoRegion.all(FROM), List.of(IoRegion.all(TO)));
        Duration every = draw.duration();
        if (!Known.isForTimers(every)) {
            return;
        }
        Taken.of(() -> copy.progress(every), every).ifPresent(progress -> {
            CompletableFuture<Long> count = progress.count().toFuture();
            copy.run().block();
            require(count.isDone() && count.join() > 0, "progress is told of a copy that ran, every " + every);
        });
        service.close().block();
        clock.dispose();
    }
}
