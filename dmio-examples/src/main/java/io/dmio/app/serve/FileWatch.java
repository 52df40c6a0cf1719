package io.dmio.app.serve;

import io.dmio.BlockOp;
import java.time.Duration;
import java.util.function.Supplier;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Looks at a file that others may change while it is open: twice a second, and before each write to its end. Such a write would give a file
 * that was cut short its length back, and readers that do not know of the cut would then read zeroes for what was cut off.
 */
public final class FileWatch {

    private static final Duration LOOK = Duration.ofMillis(500);
    private static final int END_SECTORS = 64; // superblocks and mark of a mirror's leg are there

    private final Runnable look;
    private final Scheduler threads;
    private final Disposable ticks;

    /**
     * Starts to look.
     *
     * @param look looks at the file; may block
     * @param threads the threads on which it looks
     */
    public FileWatch(Runnable look, Scheduler threads) {
        this.look = look;
        this.threads = threads;
        this.ticks = Flux.interval(LOOK, threads).onBackpressureDrop().subscribe(tick -> look.run());
    }

    /**
     * Does something, after a look at the file if that may be needed.
     *
     * @param op what is asked of the file
     * @param sectorCount the file's sectors, while it is whole
     * @param then does it, if the file is as it was
     * @return the outcome
     */
    public Mono<Void> before(BlockOp op, long sectorCount, Supplier<Mono<Void>> then) {
        Mono<Void> done = Mono.defer(then);
        boolean isAtEnd = op.kind().changes() && op.sector() + op.sectorCount() > sectorCount - END_SECTORS;
        return isAtEnd ? Mono.<Void>fromRunnable(look).subscribeOn(threads).then(done) : done;
    }

    /** Stops looking. */
    public void stop() {
        ticks.dispose();
    }
}
