package io.dmio.bench;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.ForwardingDevice;
import io.dmio.PageBudget;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** A disk that does eight operations at a time, each of one kind in 2 ms: the ninth waits. */
final class EightAtATime extends ForwardingDevice {
    private static final Duration LATENCY = Duration.ofMillis(2);

    private final PageBudget turns = new PageBudget(8, 1024);

    EightAtATime(BlockDevice next, BlockOp.Kind late) {
        super(FaultyDevice.of(next, FaultPlan.of(Fault.delayed(LATENCY).on(late))));
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return turns.use(1, () -> super.submit(op).thenReturn(true)).then();
    }
}
