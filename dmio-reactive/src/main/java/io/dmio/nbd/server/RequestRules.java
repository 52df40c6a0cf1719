package io.dmio.nbd.server;

import io.dmio.Capability;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.nbd.wire.Wire;
import io.dmio.nbd.wire.WireError;
import org.jspecify.annotations.Nullable;

/** Decides what is refused before anything is touched, and with which error. */
final class RequestRules {

    static final Refusal SHUT_DOWN = new Refusal(WireError.ESHUTDOWN, "the server is being shut down");

    private final ServerTerms terms;
    private final ExportIo io;

    /** A refusal, as the client is told. */
    record Refusal(WireError error, String why) {}

    RequestRules(ServerTerms terms, ExportIo io) {
        this.terms = terms;
        this.io = io;
    }

    /** Returns the refusal of a request, or null if it may run. */
    @Nullable
    Refusal of(RequestHeader request) {
        Command command = request.command();
        if (command == null) {
            return invalid("command " + request.code() + " is not known");
        }
        if (!command.takes(request.flags())
                || (request.has(Wire.CMD_DF) && !terms.replies().isChunked())) {
            return invalid("flags 0x" + Integer.toHexString(request.flags()) + " do not go with " + command);
        }
        if (command.changes() && terms.export().isReadOnly()) {
            return new Refusal(WireError.EPERM, "this export is read-only");
        }
        return switch (command) {
            // The payload of a write comes whether PAYLOAD_LEN says so or not: QEMU 10 does not say so.
            case READ, CACHE, WRITE -> ofRange(command, request);
            case TRIM ->
                io.info().can(Capability.DISCARD) ? ofRange(command, request) : invalid("this device cannot trim");
            case WRITE_ZEROES ->
                request.has(Wire.CMD_FAST_ZERO) && !isFastZero(request)
                        ? new Refusal(WireError.ENOTSUP, "zeroing is not faster than writing here")
                        : ofRange(command, request);
            case BLOCK_STATUS -> ofStatus(request);
            case FLUSH ->
                request.offset() == 0 && request.length() == 0 ? null : invalid("a flush has no offset and no length");
            case DISC -> null;
        };
    }

    private boolean isFastZero(RequestHeader request) {
        boolean trims = !request.has(Wire.CMD_NO_HOLE) && io.info().can(Capability.DISCARD_ZEROES);
        return (trims || io.info().can(Capability.WRITE_ZEROES))
                && io.isWholeBlocks(request.offset(), request.length());
    }

    private @Nullable Refusal ofStatus(RequestHeader request) {
        if (terms.contexts().isEmpty()) {
            return invalid("no metadata context was agreed");
        }
        if (request.has(Wire.CMD_PAYLOAD_LEN)) { // the range is in the payload: see StatusQuery
            return terms.isExtended() && StatusQuery.isPayload(request.length(), terms.contexts())
                    ? null
                    : invalid("a choice of contexts is 8 bytes, and 4 for each of those that were agreed");
        }
        return request.length() == 0 ? invalid("the status of nothing") : ofRange(Command.BLOCK_STATUS, request);
    }

    private @Nullable Refusal ofRange(Command command, RequestHeader request) {
        long bytes = terms.export().bytes();
        if (!request.isInside(bytes)) {
            boolean isSpace = command == Command.WRITE || command == Command.WRITE_ZEROES;
            return new Refusal(
                    isSpace ? WireError.ENOSPC : WireError.EINVAL, "beyond the export's end at byte " + bytes);
        }
        boolean transfers = command == Command.READ || command == Command.WRITE;
        if (transfers && request.length() > Wire.PAYLOAD_BYTES_MAX) {
            return invalid("longer than the most that is transferred at once, " + Wire.PAYLOAD_BYTES_MAX + " bytes");
        }
        boolean whole = io.isWholeBlocks(request.offset(), request.length());
        return whole || !terms.export().isWholeBlocksOnly() || command == Command.BLOCK_STATUS
                ? null
                : invalid("not whole blocks of " + io.info().logicalBlockBytes() + " bytes");
    }

    private static Refusal invalid(String why) {
        return new Refusal(WireError.EINVAL, why);
    }
}
