package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceCall;
import io.dmio.DeviceException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Whether a mirror's legs are its own at the moment: every change of a leg, and every answer, waits until they are. */
interface Ownership {

    /** From any thread: whether legs may be written to, and answers given, at this moment. */
    boolean mayAct();

    /** From any thread: a change of a leg, now or when it is known again that the leg is this owner's. */
    default Mono<Void> submit(BlockDevice device, BlockOp op) {
        return mayAct() ? DeviceCall.of(device, op) : held().then(DeviceCall.of(device, op));
    }

    /** From any thread: completes now, or when it is known again that the legs are this owner's. */
    Mono<Void> held();

    /** Tells how something ended, now or when it is known again that the legs are this owner's. */
    void answer(@Nullable DeviceException problem, Consumer<@Nullable DeviceException> told);

    /** Whether something failed as it is not known whether the legs are this owner's, and for nothing that a leg did. */
    boolean caused(DeviceException why);
}
