package io.dmio.testkit;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/** Lets a ring spin while it is torn down: Netty waits there for wake-ups that are on their way, with no I/O left. */
public final class NettyMaySpin implements BlockHoundIntegration {

    @Override
    public void applyTo(BlockHound.Builder builder) {
        builder.allowBlockingCallsInside("io.netty.channel.uring.IoUringIoHandler", "destroy");
    }
}
