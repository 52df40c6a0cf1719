package io.dmio.mirror;

import io.dmio.BlockOp;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Scheduler;

/** Operations that disks were asked for and have not done, in the order in which they came. */
final class SmallLine {

    private final Scheduler.Worker worker;
    private final Runnable beforeChange; // a write or a flush
    private final Deque<Waiting> waiting = new ArrayDeque<>();

    private record Waiting(SmallDisk disk, BlockOp op, Runnable work, MonoSink<Void> sink) {
        boolean isChange() {
            return !(op instanceof BlockOp.Read) && !disk.fails();
        }
    }

    SmallLine(Scheduler.Worker worker, Runnable beforeChange) {
        this.worker = worker;
        this.beforeChange = beforeChange;
    }

    /** Does this when those before it are done; it may throw. */
    Mono<Void> wait(SmallDisk disk, BlockOp op, Runnable work) {
        return Mono.create(sink -> {
            waiting.add(new Waiting(disk, op, work, sink));
            worker.schedule(this::first);
        });
    }

    /** What a disk does next, if that is a change. */
    Optional<BlockOp> next(SmallDisk disk) {
        return waiting.stream()
                .filter(one -> one.disk.equals(disk))
                .findFirst()
                .filter(Waiting::isChange)
                .map(Waiting::op);
    }

    private void first() {
        Waiting first = Objects.requireNonNull(waiting.peek());
        if (first.isChange()) {
            beforeChange.run();
        }
        waiting.remove();
        try {
            first.work.run();
            first.sink.success();
        } catch (RuntimeException refused) {
            first.sink.error(refused);
        }
    }
}
