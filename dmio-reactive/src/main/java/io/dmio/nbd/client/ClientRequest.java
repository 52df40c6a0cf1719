package io.dmio.nbd.client;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.Sectors;
import io.dmio.memory.Bytes;
import io.dmio.memory.Views;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.nbd.wire.Wire;
import io.dmio.nbd.wire.WireError;
import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One operation under way to a server and back, over as many connections as it takes. Owned by the link's event loop; holds its memory until
 * it ends.
 */
public final class ClientRequest {

    final Command command;
    final long startNanos;
    private final long offset;
    private final long length;
    private final int flags;
    private final @Nullable ByteBuf memory;
    private final Told told;
    private @Nullable ReceivedRanges coverage; // of a read, once something of it has come
    private @Nullable List<Extent> extents;
    private int error;
    private String errorText = "";

    // owned by its connection
    int payloadsHeld; // by channels that got them

    // owned by the link
    long sentNanos;
    long cookie;
    boolean isGhost; // nobody waits for it any more
    long covers; // of a flush: the number of changes answered when it was sent

    /** Told how a request ended. */
    public interface Told {
        /**
         * Called once, on the event loop.
         *
         * @param problem what went wrong, or null
         */
        void ended(ClientRequest request, @Nullable DeviceException problem);
    }

    private ClientRequest(
            Command command, long[] range, int flags, @Nullable ByteBuf memory, long startNanos, Told told) {
        this.command = command;
        this.offset = range[0];
        this.length = range[1];
        this.flags = flags;
        this.memory = memory;
        this.startNanos = startNanos;
        this.told = told;
    }

    /** Creates the request for an operation, with its own reference to the memory. */
    public static ClientRequest of(BlockOp op, long nanos, Told told) {
        long[] range = {Sectors.toBytes(op.sector()), Sectors.toBytes(op.sectorCount())};
        return switch (op.kind()) {
            case READ ->
                new ClientRequest(
                        Command.READ, range, 0, ((BlockOp.Read) op).into().retain(), nanos, told);
            case WRITE -> {
                BlockOp.Write write = (BlockOp.Write) op;
                int flags = write.fua() ? Wire.CMD_FUA : 0;
                yield new ClientRequest(
                        Command.WRITE, range, flags, write.from().retain(), nanos, told);
            }
            case FLUSH -> new ClientRequest(Command.FLUSH, range, 0, null, nanos, told);
            case DISCARD -> new ClientRequest(Command.TRIM, range, 0, null, nanos, told);
            case WRITE_ZEROES -> new ClientRequest(Command.WRITE_ZEROES, range, 0, null, nanos, told);
        };
    }

    /** Creates a request for bytes of any alignment, with its own reference to their memory; its time starts now. */
    public static ClientRequest ofBytes(BlockOp.Kind kind, long[] range, @Nullable ByteBuf memory, Told told) {
        Command command = switch (kind) {
            case READ -> Command.READ;
            case WRITE -> Command.WRITE;
            case FLUSH -> Command.FLUSH;
            case DISCARD -> Command.TRIM;
            case WRITE_ZEROES -> Command.WRITE_ZEROES;
        };
        ByteBuf held = memory == null ? null : memory.retain();
        return new ClientRequest(command, range, 0, held, System.nanoTime(), told);
    }

    /** Creates a request that asks which sectors hold data. */
    public static ClientRequest status(long sector, long sectors, long nanos, Told told) {
        long[] range = {Sectors.toBytes(sector), Sectors.toBytes(sectors)};
        return new ClientRequest(Command.BLOCK_STATUS, range, 0, null, nanos, told);
    }

    RequestHeader header(long cookie, boolean extended) {
        int sent = extended && command == Command.WRITE ? flags | Wire.CMD_PAYLOAD_LEN : flags;
        return new RequestHeader(sent, command.code(), cookie, offset, length);
    }

    /** Returns what follows the header, for a channel to send: a new reference to it, or null. */
    @Nullable
    ByteBuf payload() {
        return command == Command.WRITE && memory != null ? Views.toSend(memory, 0, (int) length) : null;
    }

    long offset() {
        return offset;
    }

    boolean isRead() {
        return command == Command.READ;
    }

    /** Returns whether it leaves something that a flush has to make durable. */
    boolean isUnforcedChange() {
        return command.changes() && (flags & Wire.CMD_FUA) == 0;
    }

    int readBytes() {
        return (int) length;
    }

    /** Returns whether nothing of an answer has come yet. */
    boolean isFresh() {
        return coverage == null && error == 0 && extents == null;
    }

    boolean cover(int at, int bytes) {
        if (coverage == null) {
            coverage = new ReceivedRanges();
        }
        return bytes == 0 || coverage.add(at, bytes);
    }

    void receive(int at, ByteBuf in, int bytes) {
        if (memory != null) {
            Bytes.copy(in, in.readerIndex(), memory, at, bytes);
        }
        in.skipBytes(bytes);
    }

    /** Returns the memory of a read or a write; lent until the request ends. */
    @Nullable
    ByteBuf memory() {
        return memory;
    }

    void zero(int at, int bytes) {
        if (memory != null) {
            Bytes.zero(memory, at, bytes);
        }
    }

    void failed(int number, String text) {
        error = number;
        errorText = text;
    }

    /** Takes a status chunk: a context's id, then runs; false if it does not fit. */
    boolean status(ByteBuf chunk, boolean wide) {
        int headBytes = wide ? 2 * Integer.BYTES : Integer.BYTES;
        int runBytes = wide ? 2 * Long.BYTES : 2 * Integer.BYTES;
        if (command != Command.BLOCK_STATUS || extents != null || chunk.readableBytes() < headBytes + runBytes) {
            return false;
        }
        chunk.skipBytes(headBytes);
        List<Extent> runs = new ArrayList<>();
        long at = offset;
        long end = offset + length;
        for (; chunk.readableBytes() >= runBytes && at < end; ) {
            long bytes = wide ? chunk.readLong() : chunk.readUnsignedInt();
            long status = wide ? chunk.readLong() : chunk.readUnsignedInt();
            if (bytes <= 0) {
                return false;
            }
            if (bytes % Sectors.BYTES != 0 && at + bytes < end) { // finer than whole sectors: what we have is true
                return keep(runs.isEmpty() ? List.of(new Extent(at / Sectors.BYTES, 1, Extent.Kind.DATA)) : runs);
            }
            long mine = Math.min(bytes, end - at);
            runs.add(new Extent(at / Sectors.BYTES, (mine + Sectors.BYTES - 1) / Sectors.BYTES, kind(status)));
            at += mine;
        }
        return keep(runs);
    }

    /** Returns whether everything that was asked for has come, or a refusal. */
    boolean isWhole() {
        boolean told = command != Command.BLOCK_STATUS || extents != null;
        return error != 0 || (told && (!isRead() || (coverage != null && coverage.isWhole(readBytes()))));
    }

    /** Returns a ghost, which takes the late answer in place of this request: nobody is told of that answer, and it has no effect. */
    ClientRequest ghost() {
        ClientRequest ghost = new ClientRequest(
                command, new long[] {offset, length}, flags, null, startNanos, (ended, problem) -> {});
        ghost.cookie = cookie;
        ghost.sentNanos = sentNanos;
        ghost.isGhost = true;
        return ghost;
    }

    /** Forgets an answer that was lost; the request will be asked again. */
    void forget() {
        coverage = null;
        extents = null;
        error = 0;
    }

    public List<Extent> extents() {
        return extents == null ? List.of() : extents;
    }

    /** Returns the server's refusal, or null. */
    @Nullable
    Errno refusal() {
        return error == 0 ? null : WireError.errno(error);
    }

    String errorText() {
        return errorText.isEmpty() ? "the server says so" : Wire.printable(errorText);
    }

    void end(@Nullable DeviceException problem) {
        ReferenceCountUtil.release(memory);
        told.ended(this, problem);
    }

    DeviceException exception(Errno errno, String device, String why) {
        BlockOp.Kind kind = switch (command) {
            case WRITE -> BlockOp.Kind.WRITE;
            case FLUSH -> BlockOp.Kind.FLUSH;
            case TRIM -> BlockOp.Kind.DISCARD;
            case WRITE_ZEROES -> BlockOp.Kind.WRITE_ZEROES;
            case READ, BLOCK_STATUS, CACHE, DISC -> BlockOp.Kind.READ;
        };
        return DeviceException.of(errno, device, kind, offset / Sectors.BYTES, length / Sectors.BYTES, why);
    }

    private boolean keep(List<Extent> runs) {
        extents = runs;
        return true;
    }

    private static Extent.Kind kind(long status) {
        if ((status & Wire.STATUS_ZERO) == 0) {
            return Extent.Kind.DATA;
        }
        return (status & Wire.STATUS_HOLE) == 0 ? Extent.Kind.ZERO : Extent.Kind.HOLE;
    }

    @Override
    public String toString() {
        return command + " of bytes [" + offset + ", " + (offset + length) + ")";
    }
}
