package io.dmio.bench;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.ForwardingDevice;
import io.dmio.PageBudget;
import reactor.core.publisher.Mono;

/** A disk with a short queue: the ninth waits. */
final class EightAtATime extends ForwardingDevice {
    private final PageBudget turns = new PageBudget(8, 1024);

    EightAtATime(BlockDevice next) {
        super(next);
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return turns.use(1, () -> super.submit(op).thenReturn(true)).then();
    }
}
