package io.dmio.bench;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.dmio.PageBudget;
import reactor.core.publisher.Mono;

/** A disk with a short queue: the ninth waits. */
final class EightAtATime implements BlockDevice {
    private final BlockDevice next;
    private final PageBudget turns = new PageBudget(8, 1024);

    EightAtATime(BlockDevice next) {
        this.next = next;
    }

    @Override
    public DeviceInfo info() {
        return next.info();
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return turns.use(1, () -> next.submit(op).thenReturn(true)).then();
    }

    @Override
    public Mono<Void> close() {
        return next.close();
    }
}
