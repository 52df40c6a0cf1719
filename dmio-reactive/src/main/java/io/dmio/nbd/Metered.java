package io.dmio.nbd;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.nbd.NbdMeter.Request;
import io.dmio.nbd.server.RequestMeter;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.nbd.wire.WireError;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A user's meter as a server has it. */
record Metered(NbdMeter meter) implements RequestMeter {

    @Override
    public void connected() {
        meter.connected();
    }

    @Override
    public void disconnected() {
        meter.disconnected();
    }

    @Override
    public void ended(Command command, long bytes, long nanos, @Nullable Throwable failure) {
        meter.ended(request(command), bytes, nanos, failure == null ? Optional.empty() : Optional.of(errno(failure)));
    }

    @Override
    public void refused(RequestHeader request, WireError error) {
        meter.ended(request(request.command()), request.length(), 0, Optional.of(WireError.errno(error.number())));
    }

    private static Errno errno(Throwable failure) {
        return failure instanceof DeviceException known ? known.errno() : Errno.EIO;
    }

    private static Request request(@Nullable Command command) {
        if (command == null) {
            return Request.UNKNOWN;
        }
        return switch (command) {
            case READ -> Request.READ;
            case WRITE -> Request.WRITE;
            case FLUSH -> Request.FLUSH;
            case TRIM -> Request.TRIM;
            case CACHE -> Request.CACHE;
            case WRITE_ZEROES -> Request.WRITE_ZEROES;
            case BLOCK_STATUS -> Request.BLOCK_STATUS;
            case DISC -> Request.UNKNOWN;
        };
    }
}
