package io.dmio.nbd;

import io.dmio.nbd.server.ReplyFrames;
import io.dmio.nbd.server.ServerHandshake;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.nbd.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A server that answers what it is told to, true or not; a thread for each connection, all gone when it is closed. */
final class ScriptedServer implements AutoCloseable {

    private final Loopback loopback = new Loopback("scripted-server");
    private final Set<Integer> refused; // options
    private final Script script;
    private final int flags;
    private final AtomicInteger requests = new AtomicInteger();
    private volatile long bytes = 1 << 20;

    /** What is answered. */
    interface Script {
        /**
         * Answers one request.
         *
         * @param connection which, from 1 on
         * @param request what came; the payload of a write has been read
         * @param to where answers go; closing it closes the connection
         */
        void answer(int connection, RequestHeader request, Answers to) throws IOException;
    }

    /** The way back to the client. */
    static final class Answers {
        private final Socket socket;
        private final DataOutputStream out;

        private Answers(Socket socket) throws IOException {
            this.socket = socket;
            this.out = new DataOutputStream(socket.getOutputStream());
        }

        void send(Consumer<ByteBuf> what) throws IOException {
            ByteBuf frame = Unpooled.buffer();
            what.accept(frame);
            out.write(frame.array(), 0, frame.readableBytes());
            out.flush();
        }

        /** A simple answer, or an empty chunk. */
        void good(RequestHeader request, ReplyFormat replies) throws IOException {
            send(frame -> new ReplyFrames(replies).done(frame, request));
        }

        void chunk(RequestHeader request, int type, boolean last, byte... content) throws IOException {
            send(frame -> {
                frame.writeInt(Wire.STRUCTURED_REPLY_MAGIC)
                        .writeShort(last ? 1 : 0)
                        .writeShort(type);
                frame.writeLong(request.cookie()).writeInt(content.length).writeBytes(content);
            });
        }

        /** A chunk of data at an offset. */
        void data(RequestHeader request, long offset, int length, boolean last) throws IOException {
            ByteBuf content = Unpooled.buffer().writeLong(offset).writeZero(length);
            byte[] all = new byte[content.readableBytes()];
            content.readBytes(all);
            chunk(request, Wire.CHUNK_OFFSET_DATA, last, all);
        }

        void close() throws IOException {
            socket.close();
        }
    }

    /**
     * Starts.
     *
     * @param refused options that it does not know
     * @param script what it answers to requests
     */
    ScriptedServer(Set<Integer> refused, Script script) {
        this(refused, Wire.HAS_FLAGS | Wire.SEND_FLUSH | Wire.SEND_FUA | Wire.SEND_TRIM, script);
    }

    ScriptedServer(Set<Integer> refused, int flags, Script script) {
        this.refused = refused;
        this.flags = flags;
        this.script = script;
        loopback.accept(this::serve);
    }

    NbdUri uri() {
        return NbdUri.tcp("127.0.0.1", loopback.port(), "disk");
    }

    /** The export has another size from the next connection on. */
    void resize(long to) {
        bytes = to;
    }

    int connectionCount() {
        return loopback.acceptedCount();
    }

    int requestCount() {
        return requests.get();
    }

    @Override
    public void close() {
        loopback.close();
    }

    private void serve(Socket socket, int number) {
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            Answers answers = new Answers(socket);
            answers.send(ServerHandshake::greet);
            in.readInt();
            ReplyFormat replies = ReplyFormat.SIMPLE;
            for (int option = option(in); ; option = option(in)) {
                byte[] data = in.readNBytes(in.readInt());
                int asked = option;
                if (refused.contains(option)) {
                    answers.send(frame -> reply(frame, asked, Wire.REP_ERR_UNSUP, ""));
                } else if (option == Wire.OPT_EXPORT_NAME) {
                    answers.send(frame -> frame.writeLong(bytes).writeShort(flags));
                    break;
                } else if (option == Wire.OPT_GO) {
                    answers.send(frame -> {
                        frame.writeLong(Wire.OPTION_REPLY_MAGIC)
                                .writeInt(asked)
                                .writeInt(Wire.REP_INFO)
                                .writeInt(12);
                        frame.writeShort(Wire.INFO_EXPORT).writeLong(bytes).writeShort(flags);
                        reply(frame, asked, Wire.REP_ACK, "");
                    });
                    break;
                } else {
                    replies = option == Wire.OPT_EXTENDED_HEADERS
                            ? ReplyFormat.EXTENDED
                            : option == Wire.OPT_STRUCTURED_REPLY ? ReplyFormat.STRUCTURED : replies;
                    answers.send(frame -> reply(frame, asked, Wire.REP_ACK, ""));
                }
                if (data.length > ServerHandshake.OPTION_BYTES_MAX) {
                    return;
                }
            }
            transmit(in, answers, number, replies == ReplyFormat.EXTENDED);
        } catch (IOException gone) {
            // the client left, or the script closed the connection
        }
    }

    private void transmit(DataInputStream in, Answers answers, int number, boolean extended) throws IOException {
        while (true) {
            byte[] head = new byte[RequestHeader.bytes(extended)];
            in.readFully(head);
            RequestHeader request = RequestHeader.decode(Unpooled.wrappedBuffer(head), extended);
            if (request == null || request.command() == Command.DISC) {
                return;
            }
            in.readNBytes((int) request.payload(extended));
            requests.incrementAndGet();
            script.answer(number, request, answers);
        }
    }

    private static int option(DataInputStream in) throws IOException {
        in.readLong();
        return in.readInt();
    }

    private static void reply(ByteBuf frame, int option, int type, String text) {
        frame.writeLong(Wire.OPTION_REPLY_MAGIC).writeInt(option).writeInt(type).writeInt(text.length());
    }
}
