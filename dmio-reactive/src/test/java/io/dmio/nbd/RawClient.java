package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.nbd.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.util.function.Consumer;

/** A client that says exactly what it is told to, legal or not, and sees every byte of the answers. Blocks, but not for ever. */
public final class RawClient implements Closeable {

    private static final int MILLIS_MAX = 20_000;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    private RawClient(SocketAddress server) throws IOException {
        socket = new Socket();
        socket.connect(server, MILLIS_MAX);
        socket.setSoTimeout(MILLIS_MAX);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
    }

    /** Connects, and says nothing. */
    public static RawClient silent(NbdServer server) {
        try {
            return new RawClient((InetSocketAddress) server.address());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Connects, takes the greeting and answers with flags. */
    public static RawClient greeted(NbdServer server) {
        RawClient client = silent(server);
        assertThat(client.hex(Wire.GREETING_BYTES)).isEqualTo("4e42444d41474943" + "49484156454f5054" + "0003");
        client.send(bytes -> bytes.writeInt(Wire.FIXED_NEWSTYLE | Wire.NO_ZEROES));
        return client;
    }

    /** Greeted, with answers of a form agreed on, and inside an export. */
    public static RawClient inside(NbdServer server, ReplyFormat replies, String export) {
        RawClient client = greeted(server);
        if (replies.isChunked()) {
            int option = replies == ReplyFormat.EXTENDED ? Wire.OPT_EXTENDED_HEADERS : Wire.OPT_STRUCTURED_REPLY;
            client.option(option);
            client.reply(option, Wire.REP_ACK);
        }
        return client.go(export);
    }

    /** Goes inside an export. */
    RawClient go(String export) {
        return ask(export).enter();
    }

    /** Asks to be let inside an export. */
    RawClient ask(String export) {
        return option(Wire.OPT_GO, data -> {
            Wire.writeString(data, export);
            data.writeShort(0);
        });
    }

    /** Takes the answers to {@link #ask}. */
    RawClient enter() {
        reply(Wire.OPT_GO, Wire.REP_INFO);
        reply(Wire.OPT_GO, Wire.REP_INFO);
        reply(Wire.OPT_GO, Wire.REP_ACK);
        return this;
    }

    public RawClient send(Consumer<ByteBuf> what) {
        ByteBuf bytes = Unpooled.buffer();
        what.accept(bytes);
        try {
            out.write(bytes.array(), 0, bytes.readableBytes());
            out.flush();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return this;
    }

    public RawClient option(int option, Consumer<ByteBuf> data) {
        return send(bytes -> {
            ByteBuf content = Unpooled.buffer();
            data.accept(content);
            bytes.writeLong(Wire.OPTION_MAGIC).writeInt(option).writeInt(content.readableBytes());
            bytes.writeBytes(content);
        });
    }

    /** An option without data. */
    public RawClient option(int option) {
        return option(option, nothing -> {});
    }

    public RawClient request(Command command, int flags, long offset, long length) {
        return send(bytes -> new RequestHeader(flags, command.code(), 7, offset, length).encode(bytes, false));
    }

    /** Takes an answer to an option; its data in hexadecimal digits. */
    public String reply(int option, int type) {
        ByteBuf head = Unpooled.wrappedBuffer(take(Wire.OPTION_REPLY_HEADER_BYTES));
        assertThat(head.readLong()).isEqualTo(Wire.OPTION_REPLY_MAGIC);
        assertThat(head.readInt()).as("option").isEqualTo(option);
        int seen = head.readInt();
        String data = hex(head.readInt());
        assertThat(Integer.toHexString(seen)).as("type, with %s", data).isEqualTo(Integer.toHexString(type));
        return data;
    }

    /** Takes so many bytes. */
    public byte[] take(int count) {
        try {
            byte[] bytes = new byte[count];
            in.readFully(bytes);
            return bytes;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** As {@link #take}, in hexadecimal digits. */
    public String hex(int count) {
        return ByteBufUtil.hexDump(take(count));
    }

    /** Whether the server has closed the connection, with nothing more to read. */
    public boolean isClosed() {
        try {
            return in.read() < 0;
        } catch (IOException reset) {
            return !(reset instanceof SocketTimeoutException);
        }
    }

    /** Whether something has come that was not taken. */
    boolean hasBytes() {
        try {
            return in.available() > 0;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
