package io.dmio.nbd.server;

import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.nbd.wire.WireError;
import org.jspecify.annotations.Nullable;

/** A meter that is told of an export's clients and of what they ask for; from any thread. */
public interface RequestMeter {

    /** A meter that is told nothing, so that no clock need be read for it. */
    RequestMeter NONE = new RequestMeter() {
        @Override
        public void connected() {}

        @Override
        public void disconnected() {}

        @Override
        public void ended(Command command, long bytes, long nanos, @Nullable Throwable failure) {}

        @Override
        public void refused(RequestHeader request, WireError error) {}
    };

    void connected();

    void disconnected();

    void ended(Command command, long bytes, long nanos, @Nullable Throwable failure);

    void refused(RequestHeader request, WireError error);
}
