package io.dmio.fuzz;

import io.dmio.ErrorBits;
import io.dmio.IoRequest;
import org.jspecify.annotations.Nullable;

/** One request. */
final class RequestCall extends Call<ErrorBits> {

    private final Asked asked;
    private final boolean accepted;
    private @Nullable ErrorBits bits;

    private RequestCall(World world, Asked asked) {
        super(world);
        this.asked = asked;
        this.accepted = world.isOpen();
    }

    static void start(World world) {
        Asked asked = Asked.any(world);
        IoRequest request = asked.request();
        if (world.isIdle() && world.isOpen() && asked.isPrompt() && world.draw().oneIn(2)) {
            asked.begin();
            asked.ended(world.sync(request));
            return;
        }
        RequestCall call = new RequestCall(world, asked);
        world.add(call);
        asked.begin();
        call.run(world.io().run(request), Long.MAX_VALUE);
    }

    @Override
    void value(ErrorBits value) {
        bits = value;
    }

    @Override
    void end(@Nullable Throwable failure) {
        if (failure == null) {
            if (!accepted) {
                World.fault("taken without a page: " + asked);
            }
            asked.ended(World.known(bits));
        } else if (world.refuses(failure, accepted)) {
            asked.refused();
        } else {
            World.fault(failure + " from " + asked);
        }
    }

    @Override
    void drained() {
        asked.drained();
    }

    @Override
    public String toString() {
        return asked.toString();
    }
}
