package io.dmio.nbd;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.PagePool;
import io.dmio.device.MemoryDevice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCountUtil;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What each parser of the wire makes of a stream, as text: the same, however the stream was cut. Nothing but what is foreseen
 * may be thrown, nothing is kept, and no answer is out of proportion to what was asked.
 */
@SuppressWarnings("EnumOrdinal") // a fuzzer picks one by a number
final class WireTranscripts {

    private static final long SECTORS = 2048;
    private static final int ANSWER_BYTES_MAX = 1 << 10; // to one message

    private static final MemoryDevice DISK = MemoryDevice.of("disk", SECTORS);
    private static final Export EXPORT = NbdExport.of("disk", DISK)
            .withDescription("a disk")
            .withStatus("test:none", (sector, count) -> Mono.just(List.of(new BlockStatus.Run(count, 0))))
            .served();
    private static final Catalogue CATALOGUE = new Catalogue(
            List.of(EXPORT, NbdExport.of("other", DISK).asReadOnly().served()));

    private static final SessionId SESSION = new SessionId(new UUID(1, 2), 3, 4);

    private WireTranscripts() {}

    /** What a server says to a client's half of a handshake; up to TLS, where what is behind it depends on the cut. */
    static String serverHandshake(Splits stream, int mode) {
        TlsUse use = TlsUse.values()[mode % TlsUse.values().length];
        ServerHandshake handshake = new ServerHandshake(new ServerOptions(CATALOGUE, use, mode >= 128));
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

    /** What a client says to a server's half of a handshake. */
    static String clientHandshake(Splits stream, int mode) {
        Remote remote =
                NbdUri.parse((mode % 2 == 0 ? "nbd" : "nbds") + "://host/disk").remote();
        ClientHandshake handshake = new ClientHandshake(remote, mode >= 128 ? SESSION : null);
        ByteBuf in = Unpooled.buffer();
        ByteBuf out = Unpooled.buffer();
        ClientHandshake.Step step = ClientHandshake.Step.MORE;
        try {
            for (ByteBuf piece : stream.pieces()) {
                in.writeBytes(piece);
                do {
                    int before = out.writerIndex();
                    step = handshake.step(in, out);
                    if (step == ClientHandshake.Step.TLS) {
                        handshake.afterTls(out);
                    }
                    require(out.writerIndex() - before <= ANSWER_BYTES_MAX, "an answer out of proportion");
                } while (step == ClientHandshake.Step.AGAIN || step == ClientHandshake.Step.TLS);
                if (step != ClientHandshake.Step.MORE) {
                    break;
                }
            }
        } catch (DeviceException refused) {
            return "refused: " + refused.getMessage() + " " + ByteBufUtil.hexDump(out);
        }
        return step + " " + handshake.agreement() + " " + ByteBufUtil.hexDump(out);
    }

    /** What a server takes for requests; those in flight end when a piece is through. */
    static String requests(Splits stream, int mode) {
        Replies replies = Replies.values()[mode % Replies.values().length];
        Taking taking = new Taking(new Terms(EXPORT, replies, List.of(0, 1), null), mode >= 128 ? 3 : 1000);
        RequestReader reader = new RequestReader(replies == Replies.EXTENDED, taking);
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

    private static final class Taking implements RequestReader.Taker {
        private final Terms terms;
        private final RequestRules rules;
        private final int inFlightMax;
        private final StringBuilder seen = new StringBuilder();
        private boolean over;
        private int inFlight;

        Taking(Terms terms, int inFlightMax) {
            this.terms = terms;
            this.rules = new RequestRules(terms, new ExportIo(DISK));
            this.inFlightMax = inFlightMax;
        }

        @Override
        public boolean mayBegin() {
            return !over && inFlight < inFlightMax;
        }

        @Override
        public RequestRules.@Nullable Refusal refusal(Request request) {
            return rules.of(request);
        }

        @Override
        public boolean takeRoom(long bytes) {
            require(bytes <= SECTORS * 512, "room for more than the device has");
            inFlight++;
            return true;
        }

        @Override
        public ByteBuf allocate(int bytes) {
            return PagePool.shared().allocate(bytes);
        }

        @Override
        public void giveRoom(long bytes) {
            inFlight--;
        }

        @Override
        public void begin(Request request, @Nullable ByteBuf memory) {
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

        private String query(Request request, @Nullable ByteBuf payload) {
            try {
                StatusQuery query = StatusQuery.of(request, payload, terms);
                require(query.range().isInside(EXPORT.bytes()), "the status of what is not there");
                require(terms.contexts().containsAll(query.contexts()), "a context that was not agreed");
                return query.toString();
            } catch (DeviceException refused) {
                return "" + refused.getMessage();
            }
        }

        @Override
        public void refuse(Request request, RequestRules.Refusal refusal) {
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

    /** What a client takes for answers to a few requests. */
    static String replies(Splits stream, int mode) {
        Asked asked = new Asked();
        ReplyDecoder decoder = new ReplyDecoder(
                Replies.values()[mode % Replies.values().length], asked.inFlight::get, asked::answered);
        try {
            for (ByteBuf piece : stream.pieces()) {
                ByteBuf room = decoder.room();
                if (room != null) {
                    room.writeBytes(piece, Math.min(piece.readableBytes(), room.writableBytes()));
                    decoder.decode(room);
                    room.release();
                }
                decoder.decode(piece);
                require(!piece.isReadable(), "bytes left");
            }
        } catch (ReplyDecoder.Nonsense nonsense) {
            asked.seen.append("nonsense: ").append(nonsense.getMessage());
        } finally {
            decoder.release();
            asked.release();
        }
        return asked.seen.toString();
    }

    /** Two reads, a write, a flush and a status, with cookies from 1 on. */
    private static final class Asked {
        private final StringBuilder seen = new StringBuilder();
        private final Map<Long, ClientRequest> inFlight = new HashMap<>();
        private final ByteBuf large = zeroed(64 << 10);
        private final ByteBuf sector = zeroed(512);

        Asked() {
            add(ClientRequest.of(new BlockOp.Read(0, large), 0, this::told));
            add(ClientRequest.of(new BlockOp.Read(16, sector), 0, this::told));
            add(ClientRequest.of(new BlockOp.Write(8, sector, false), 0, this::told));
            add(ClientRequest.of(new BlockOp.Flush(), 0, this::told));
            add(ClientRequest.status(0, SECTORS, 0, this::told));
        }

        private static ByteBuf zeroed(int bytes) {
            return PagePool.shared().allocate(bytes).setZero(0, bytes);
        }

        private void add(ClientRequest request) {
            request.cookie = inFlight.size() + 1L;
            inFlight.put(request.cookie, request);
        }

        void answered(ClientRequest request) {
            inFlight.remove(request.cookie);
            request.end(null);
        }

        private void told(ClientRequest request, @Nullable DeviceException problem) {
            seen.append(request).append(": ").append(request.refusal()).append(request.extents());
            seen.append(request.refusal() == null ? hash(large) + " " + hash(sector) : request.errorText());
            seen.append('\n');
        }

        private static int hash(ByteBuf memory) {
            return ByteBufUtil.hashCode(memory.slice(0, memory.capacity()).writerIndex(memory.capacity()));
        }

        void release() {
            seen.append('\n').append(inFlight.keySet()).append(" without an answer");
            List.copyOf(inFlight.values()).forEach(one -> {
                one.failed(1, "none"); // its data may be there in part, more or less of it
                one.end(null);
            });
            large.release();
            sector.release();
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
