package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceCall;
import io.dmio.DeviceException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Tells whether a mirror's legs are its own at the moment. Every change of a leg, and every answer, waits until they are. */
interface Ownership {

    /** Whether legs may be written to and answers given at this moment. From any thread. */
    boolean mayAct();

    /** Submits a change of a leg, now or when it is known again that the leg is this owner's. From any thread. */
    default Mono<Void> submit(BlockDevice device, BlockOp op) {
        return mayAct() ? DeviceCall.of(device, op) : held().then(DeviceCall.of(device, op));
    }

    /** Completes now, or when it is known again that the legs are this owner's. From any thread. */
    Mono<Void> held();

    /** Tells how an operation ended, now or when it is known again that the legs are this owner's. */
    void answer(@Nullable DeviceException problem, Consumer<@Nullable DeviceException> told);

    /** Whether an operation failed because it is not known whether the legs are this owner's, and not because of a leg. */
    boolean caused(DeviceException why);
}
