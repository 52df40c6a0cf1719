package io.dmio.nbd;

import io.dmio.Errno;
import java.util.Optional;

/**
 * A meter of an export, which is told of the export's clients, and of every request of theirs once it has ended. Called on the
 * server's event loops and on the threads of devices, many at once; it must not block or throw.
 *
 * @see NbdExport#withMeter
 */
public interface NbdMeter {

    /** What a client asks for. */
    enum Request {
        /** To read bytes. */
        READ,
        /** To write bytes. */
        WRITE,
        /** To make durable what was written. */
        FLUSH,
        /** To forget bytes, which the server may do. */
        TRIM,
        /** To prepare bytes that the client will want soon. */
        CACHE,
        /** To make bytes zero. */
        WRITE_ZEROES,
        /** To tell what is known of a range. */
        BLOCK_STATUS,
        /** Something that is not a request. */
        UNKNOWN
    }

    /** Called when a client has chosen the export. */
    void connected();

    /** Called when a client's connection is closed; what it asked for may still be under way. */
    void disconnected();

    /**
     * Called when a request has ended: the device has answered, or it was refused before the device was asked. The client has
     * not been told yet.
     *
     * @param request what was asked for
     * @param bytes the bytes of the request's range; 0 if it has none
     * @param nanos the time from the request's header to the answer; 0 if it was refused
     * @param errno empty for success; EIO for a failure that carried none
     */
    void ended(Request request, long bytes, long nanos, Optional<Errno> errno);
}
