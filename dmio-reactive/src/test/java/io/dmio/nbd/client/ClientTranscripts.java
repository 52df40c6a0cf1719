package io.dmio.nbd.client;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.PagePool;
import io.dmio.nbd.Splits;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.SessionId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What each parser of the client's end of the wire makes of a stream, as text: the same, however the stream was cut. Nothing but what is
 * foreseen may be thrown, nothing is kept, and no answer is out of proportion to what was asked.
 */
@SuppressWarnings("EnumOrdinal") // a fuzzer picks one by a number
public final class ClientTranscripts {

    private static final long SECTORS = 2048;
    private static final int ANSWER_BYTES_MAX = 1 << 10; // to one message

    private static final SessionId SESSION = new SessionId(new UUID(1, 2), 3, 4);

    private ClientTranscripts() {}

    /** What a client says to a server's half of a handshake. */
    public static String handshake(Splits stream, int mode) {
        boolean tls = mode % 2 != 0;
        Remote remote =
                new Remote("host", 10809, Optional.empty(), "disk", tls, (tls ? "nbds" : "nbd") + "://host/disk");
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

    /** What a client takes for answers to a few requests. */
    public static String replies(Splits stream, int mode) {
        Asked asked = new Asked();
        ReplyDecoder decoder = new ReplyDecoder(
                ReplyFormat.values()[mode % ReplyFormat.values().length], asked.inFlight::get, asked::answered);
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
        } catch (Nonsense nonsense) {
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
