package io.dmio.nbd.server;

import io.dmio.nbd.server.ServerHandshake.Step;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.SessionId;
import io.dmio.nbd.wire.Wire;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers a client's options, and remembers what they agreed on. */
final class OptionNegotiation {

    private final Exports catalogue;
    private final TlsUse tls;
    private final MetaContexts contexts = new MetaContexts();
    private final boolean encrypted;
    private boolean zeroes;
    private ReplyFormat replies = ReplyFormat.SIMPLE;
    private @Nullable SessionId session;
    private @Nullable ServerTerms terms;

    OptionNegotiation(Exports catalogue, TlsUse tls, boolean encrypted) {
        this.catalogue = catalogue;
        this.tls = tls;
        this.encrypted = encrypted;
    }

    /** Returns how many options a client may send. */
    int countMax() {
        return ServerHandshake.OPTIONS_MAX + ServerHandshake.OPTIONS_MAX_EACH * catalogue.size();
    }

    void setZeroes(boolean wanted) {
        zeroes = wanted;
    }

    boolean zeroes() {
        return zeroes;
    }

    @Nullable
    ServerTerms terms() {
        return terms;
    }

    /** Handles an option that is longer than any can be. */
    Step tooLong(int option, ByteBuf out) {
        if (option == Wire.OPT_EXPORT_NAME) {
            return Step.CLOSE; // this option cannot be refused
        }
        return refuse(option, Wire.REP_ERR_TOO_BIG, "an option has at most " + ServerHandshake.OPTION_BYTES_MAX, out);
    }

    /**
     * Answers one option.
     *
     * @param data all of the option's data, and nothing else
     */
    Step answer(int option, ByteBuf data, ByteBuf out) {
        if (tls == TlsUse.REQUIRED && !encrypted && option != Wire.OPT_STARTTLS && option != Wire.OPT_ABORT) {
            return option == Wire.OPT_EXPORT_NAME
                    ? Step.CLOSE
                    : refuse(option, Wire.REP_ERR_TLS_REQD, "this server wants TLS first", out);
        }
        return switch (option) {
            case Wire.OPT_EXPORT_NAME -> exportName(data, out);
            case Wire.OPT_ABORT -> {
                ack(option, out);
                yield Step.CLOSE;
            }
            case Wire.OPT_LIST -> data.isReadable() ? surplus(option, out) : list(out);
            case Wire.OPT_STARTTLS -> data.isReadable() ? surplus(option, out) : startTls(out);
            case Wire.OPT_INFO, Wire.OPT_GO -> info(option, data, out);
            case Wire.OPT_STRUCTURED_REPLY -> data.isReadable() ? surplus(option, out) : structured(out);
            case Wire.OPT_EXTENDED_HEADERS -> data.isReadable() ? surplus(option, out) : extended(out);
            case Wire.OPT_LIST_META_CONTEXT, Wire.OPT_SET_META_CONTEXT -> metaContext(option, data, out);
            case Wire.OPT_SESSION -> session(data, out);
            default -> refuse(option, Wire.REP_ERR_UNSUP, "option " + Integer.toUnsignedString(option), out);
        };
    }

    private Step exportName(ByteBuf data, ByteBuf out) {
        Export export = data.readableBytes() > Wire.STRING_BYTES_MAX
                ? null
                : catalogue.find(Wire.readString(data, data.readableBytes()));
        if (export == null || replies == ReplyFormat.EXTENDED) { // extended headers are entered by GO only
            return Step.CLOSE;
        }
        out.writeLong(export.bytes()).writeShort(export.transmissionFlags(replies));
        if (zeroes) {
            out.writeZero(Wire.EXPORT_ZEROES_BYTES);
        }
        return agreed(export);
    }

    private Step list(ByteBuf out) {
        for (Export export : catalogue.all()) {
            byte[] name = export.name().getBytes(StandardCharsets.UTF_8);
            byte[] description = export.description().getBytes(StandardCharsets.UTF_8);
            reply(Wire.OPT_LIST, Wire.REP_SERVER, Integer.BYTES + name.length + description.length, out);
            out.writeInt(name.length).writeBytes(name).writeBytes(description);
        }
        return ack(Wire.OPT_LIST, out);
    }

    private Step startTls(ByteBuf out) {
        if (encrypted) {
            return refuse(Wire.OPT_STARTTLS, Wire.REP_ERR_INVALID, "it is encrypted already", out);
        }
        if (tls == TlsUse.NONE) {
            return refuse(Wire.OPT_STARTTLS, Wire.REP_ERR_POLICY, "this server has no certificate", out);
        }
        ack(Wire.OPT_STARTTLS, out);
        return Step.TLS;
    }

    private Step structured(ByteBuf out) {
        if (replies == ReplyFormat.EXTENDED) {
            return refuse(
                    Wire.OPT_STRUCTURED_REPLY,
                    Wire.REP_ERR_EXT_HEADER_REQD,
                    "extended headers are agreed already",
                    out);
        }
        replies = ReplyFormat.STRUCTURED;
        return ack(Wire.OPT_STRUCTURED_REPLY, out);
    }

    private Step extended(ByteBuf out) {
        replies = ReplyFormat.EXTENDED;
        return ack(Wire.OPT_EXTENDED_HEADERS, out);
    }

    private Step session(ByteBuf data, ByteBuf out) {
        if (data.readableBytes() != SessionId.BYTES) {
            return malformed(Wire.OPT_SESSION, out);
        }
        session = SessionId.decode(data);
        reply(Wire.OPT_SESSION, Wire.REP_SESSION, SessionId.INSTANCE_BYTES, out);
        SessionId.writeUuid(out, catalogue.instance());
        return ack(Wire.OPT_SESSION, out);
    }

    private Step info(int option, ByteBuf data, ByteBuf out) {
        String name = exportOf(data);
        if (name == null || data.readableBytes() < Short.BYTES) {
            return malformed(option, out);
        }
        List<Integer> asked = new ArrayList<>();
        for (int left = data.readUnsignedShort(); left > 0; left--) {
            if (data.readableBytes() < Short.BYTES) {
                return malformed(option, out);
            }
            asked.add(data.readUnsignedShort());
        }
        if (data.isReadable()) {
            return malformed(option, out);
        }
        Export export = catalogue.find(name);
        if (export == null) {
            return refuse(option, Wire.REP_ERR_UNKNOWN, "no export is named '" + name + "'", out);
        }
        tell(option, export, asked, out);
        ack(option, out);
        return option == Wire.OPT_GO ? agreed(export) : Step.AGAIN;
    }

    private void tell(int option, Export export, List<Integer> asked, ByteBuf out) {
        reply(option, Wire.REP_INFO, Short.BYTES + Long.BYTES + Short.BYTES, out);
        out.writeShort(Wire.INFO_EXPORT).writeLong(export.bytes()).writeShort(export.transmissionFlags(replies));
        if (asked.contains(Wire.INFO_NAME)) {
            text(option, Wire.INFO_NAME, export.name(), out);
        }
        if (asked.contains(Wire.INFO_DESCRIPTION) && !export.description().isEmpty()) {
            text(option, Wire.INFO_DESCRIPTION, export.description(), out);
        }
        reply(option, Wire.REP_INFO, Short.BYTES + 3 * Integer.BYTES, out);
        out.writeShort(Wire.INFO_BLOCK_SIZE)
                .writeInt(export.blockBytesMin())
                .writeInt(export.preferredBytes())
                .writeInt(Wire.PAYLOAD_BYTES_MAX);
    }

    private static void text(int option, int info, String text, ByteBuf out) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        reply(option, Wire.REP_INFO, Short.BYTES + bytes.length, out);
        out.writeShort(info).writeBytes(bytes);
    }

    private Step metaContext(int option, ByteBuf data, ByteBuf out) {
        if (option == Wire.OPT_SET_META_CONTEXT) {
            contexts.clear(); // also if what follows is refused
        }
        if (!replies.isChunked()) {
            return refuse(option, Wire.REP_ERR_INVALID, "structured replies or extended headers first", out);
        }
        String name = exportOf(data);
        List<String> queries = name == null ? null : MetaContexts.queries(data);
        if (name == null || queries == null) {
            return malformed(option, out);
        }
        Export export = catalogue.find(name);
        if (export == null) {
            return refuse(option, Wire.REP_ERR_UNKNOWN, "no export is named '" + name + "'", out);
        }
        boolean isList = option == Wire.OPT_LIST_META_CONTEXT;
        for (int place : isList ? MetaContexts.listed(export, queries) : contexts.choose(export, queries)) {
            byte[] context = export.contexts().get(place).name().getBytes(StandardCharsets.UTF_8);
            reply(option, Wire.REP_META_CONTEXT, Integer.BYTES + context.length, out);
            out.writeInt(isList ? 0 : ServerTerms.idOf(place)).writeBytes(context);
        }
        return ack(option, out);
    }

    /** Reads a length and a name; null if they do not fit. */
    private static @Nullable String exportOf(ByteBuf data) {
        if (data.readableBytes() < Integer.BYTES) {
            return null;
        }
        long length = data.readUnsignedInt();
        return length > data.readableBytes() || length > Wire.STRING_BYTES_MAX
                ? null
                : Wire.readString(data, (int) length);
    }

    private Step agreed(Export export) {
        terms = new ServerTerms(export, replies, contexts.of(export), session);
        return Step.AGREED;
    }

    private static Step ack(int option, ByteBuf out) {
        reply(option, Wire.REP_ACK, 0, out);
        return Step.AGAIN;
    }

    private static Step surplus(int option, ByteBuf out) {
        return refuse(option, Wire.REP_ERR_INVALID, "this option has no data", out);
    }

    private static Step malformed(int option, ByteBuf out) {
        return refuse(option, Wire.REP_ERR_INVALID, "the lengths do not fit each other, or a name is too long", out);
    }

    private static Step refuse(int option, int error, String why, ByteBuf out) {
        byte[] text = why.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(text.length, Wire.STRING_BYTES_MAX);
        reply(option, error, length, out);
        out.writeBytes(text, 0, length);
        return Step.AGAIN;
    }

    private static void reply(int option, int type, int length, ByteBuf out) {
        out.writeLong(Wire.OPTION_REPLY_MAGIC).writeInt(option).writeInt(type).writeInt(length);
    }
}
