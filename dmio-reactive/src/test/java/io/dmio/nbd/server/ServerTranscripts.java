package io.dmio.nbd.server;

import io.dmio.PagePool;
import io.dmio.device.MemoryDevice;
import io.dmio.nbd.Splits;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.nbd.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What each parser of the server's end of the wire makes of a stream, as text: the same, however the stream was cut. Nothing but what is
 * foreseen may be thrown, nothing is kept, and no answer is out of proportion to what was asked.
 */
@SuppressWarnings("EnumOrdinal") // a fuzzer picks one by a number
public final class ServerTranscripts {

    private static final long SECTORS = 2048;
    private static final int ANSWER_BYTES_MAX = 1 << 10; // to one message

    private static final MemoryDevice DISK = MemoryDevice.of("disk", SECTORS);
    private static final Export EXPORT =
            new Export("disk", DISK, "a disk", Set.of(), List.of(context(Wire.BASE_ALLOCATION), context("test:none")));
    private static final Exports CATALOGUE = new Exports(List.of(
            EXPORT,
            new Export("other", DISK, "", Set.of(Export.Limit.READ_ONLY), List.of(context(Wire.BASE_ALLOCATION)))));

    private ServerTranscripts() {}

    private static Export.Context context(String name) {
        return new Export.Context(name, (sector, count) -> Mono.just(List.of(new RangeStatus.Part(count, 0))));
    }

    /** What a server says to a client's half of a handshake; up to TLS, where what is behind it depends on the cut. */
    public static String handshake(Splits stream, int mode) {
        TlsUse use = TlsUse.values()[mode % TlsUse.values().length];
        ServerHandshake handshake = new ServerHandshake(new OptionNegotiation(CATALOGUE, use, mode >= 128));
        ByteBuf in = Unpooled.buffer();
        ByteBuf out = Unpooled.buffer();
        int steps = 0;
        ServerHandshake.Step step = ServerHandshake.Step.MORE;
        for (ByteBuf piece : stream.pieces()) {
            in.writeBytes(piece);
            do {
                int before = out.writerIndex();
                step = handshake.step(in, out);
                require(out.writerIndex() - before <= ANSWER_BYTES_MAX, "an answer out of proportion");
                require(++steps <= 10_000, "no end");
            } while (step == ServerHandshake.Step.AGAIN);
            if (step != ServerHandshake.Step.MORE) {
                break;
            }
        }
        return step + " " + handshake.terms() + " " + ByteBufUtil.hexDump(out);
    }

    /** What a server takes for requests; those in flight end when a piece is through. */
    public static String requests(Splits stream, int mode) {
        ReplyFormat replies = ReplyFormat.values()[mode % ReplyFormat.values().length];
        Taking taking = new Taking(new ServerTerms(EXPORT, replies, List.of(0, 1), null), mode >= 128 ? 3 : 1000);
        RequestReader reader = new RequestReader(replies == ReplyFormat.EXTENDED, taking, taking);
        for (ByteBuf piece : stream.pieces()) {
            ByteBuf rest = inPlace(reader, piece);
            reader.add(rest);
            do {
                taking.inFlight = 0;
                reader.run();
            } while (taking.inFlight > 0);
        }
        reader.release();
        return taking.seen.toString();
    }

    /** A piece as it is; or, for the payload of a large write, where it belongs, as a socket would have put it. */
    private static ByteBuf inPlace(RequestReader reader, ByteBuf piece) {
        ByteBuf room = reader.room();
        if (room == null) {
            return piece;
        }
        room.writeBytes(piece, Math.min(piece.readableBytes(), room.writableBytes()));
        if (!piece.isReadable()) {
            piece.release();
            return room;
        }
        reader.add(room);
        reader.run();
        return piece;
    }

    private static final class Taking implements RequestReader.Taker, Room {
        private final ServerTerms terms;
        private final RequestRules rules;
        private final int inFlightMax;
        private final StringBuilder seen = new StringBuilder();
        private boolean over;
        private int inFlight;

        Taking(ServerTerms terms, int inFlightMax) {
            this.terms = terms;
            this.rules = new RequestRules(terms, new ExportIo(DISK));
            this.inFlightMax = inFlightMax;
        }

        @Override
        public boolean mayBegin() {
            return !over && inFlight < inFlightMax;
        }

        @Override
        public RequestRules.@Nullable Refusal refusal(RequestHeader request) {
            return rules.of(request);
        }

        @Override
        public boolean take(long bytes) {
            require(bytes <= SECTORS * 512, "room for more than the device has");
            inFlight++;
            return true;
        }

        @Override
        public int takePiece(long offset, long left, boolean hasCome, boolean isModest) {
            return take(left) ? (int) left : 0;
        }

        @Override
        public int wholeBlocks(long offset, int bytes) {
            return bytes;
        }

        @Override
        public ByteBuf allocate(int bytes) {
            return PagePool.shared().allocate(bytes);
        }

        @Override
        public void give(long bytes) {
            inFlight--;
        }

        @Override
        public void begin(RequestHeader request, @Nullable ByteBuf memory, @Nullable WritePieces of) {
            seen.append(request);
            if (request.command() == Command.BLOCK_STATUS) {
                seen.append(' ').append(query(request, memory));
            } else if (request.command() == Command.WRITE
                    && memory != null) { // what a read's holds is nobody's business
                seen.append(' ')
                        .append(ByteBufUtil.hashCode(
                                memory.slice(0, (int) request.length()).writerIndex((int) request.length())));
            }
            ReferenceCountUtil.release(memory);
            seen.append('\n');
        }

        private String query(RequestHeader request, @Nullable ByteBuf payload) {
            RequestRules.Refusal refusal = payload == null ? null : StatusQuery.refusal(request, payload, terms);
            if (refusal != null) {
                return refusal.toString();
            }
            StatusQuery query = StatusQuery.of(request, payload, terms);
            require(query.range().isInside(EXPORT.bytes()), "the status of what is not there");
            require(terms.contexts().containsAll(query.contexts()), "a context that was not agreed");
            return query.toString();
        }

        @Override
        public void refuse(RequestHeader request, RequestRules.Refusal refusal, @Nullable WritePieces of) {
            seen.append("refused ").append(request).append(": ").append(refusal).append('\n');
        }

        @Override
        public void goodbye() {
            over = true;
            seen.append("goodbye");
        }

        @Override
        public void nonsense(String what) {
            over = true;
            seen.append("nonsense: ").append(what);
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
