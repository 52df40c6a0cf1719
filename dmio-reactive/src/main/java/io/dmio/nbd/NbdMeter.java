package io.dmio.nbd;

import io.dmio.Errno;
import java.util.Optional;

/**
 * Hears of the clients of an export, and of every request of theirs once it has ended. Called on the server's event loops and on the
 * threads of devices, many at once; it must not block or throw.
 *
 * @see NbdExport#withMeter
 */
public interface NbdMeter {

    /** What a client asks for. */
    enum Request {
        /** Bytes. */
        READ,
        /** Bytes to be kept. */
        WRITE,
        /** What was written to be durable. */
        FLUSH,
        /** Bytes that may be forgotten. */
        TRIM,
        /** Bytes that it will want soon. */
        CACHE,
        /** Bytes that are to be zero. */
        WRITE_ZEROES,
        /** What is known of a range. */
        BLOCK_STATUS,
        /** Something that is no request. */
        UNKNOWN
    }

    /** A client has chosen the export. */
    void connected();

    /** Its connection is closed; what it asked for may still be under way. */
    void disconnected();

    /**
     * A request has ended: the device has answered, or it was refused before the device was asked. The client has not been told yet.
     *
     * @param request what was asked for
     * @param bytes of the range that it is about; 0 if it is about none
     * @param nanos from its header to the answer; 0 if it was refused
     * @param errno empty for success; EIO for a failure that carried none
     */
    void ended(Request request, long bytes, long nanos, Optional<Errno> errno);
}
