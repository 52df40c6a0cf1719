package io.dmio.nbd.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * The numbers of the protocol. All are big-endian. Handshake, from the server, then from the client:
 *
 * <pre>
 *     NBDMAGIC:8 | IHAVEOPT:8 | flags:2
 *     flags:4
 *     option  IHAVEOPT:8 | option:4 | length:4 | data…
 *     reply   0x3e889045565a9:8 | option:4 | type:4 | length:4 | data…
 * </pre>
 *
 * Transmission; the second form of each where extended headers were agreed:
 *
 * <pre>
 *     request            0x25609513:4 | flags:2 | command:2 | cookie:8 | offset:8 | length:4   | data of a write…
 *     extended request   0x21e41c71:4 | flags:2 | command:2 | cookie:8 | offset:8 | length:8   | payload…
 *       its payload      data of a write…, or, of a block status that names contexts, bytes asked for:8 | context:4…
 *     simple reply       0x67446698:4 | error:4 | cookie:8 | data of a read…
 *     structured chunk   0x668e33ef:4 | flags:2 | type:2 | cookie:8 | length:4 | content…
 *     extended chunk     0x6e8a278c:4 | flags:2 | type:2 | cookie:8 | offset:8 | length:8 | content…
 * </pre>
 */
public final class Wire {

    public static final long INIT_MAGIC = 0x4e42444d41474943L; // NBDMAGIC
    public static final long OPTION_MAGIC = 0x49484156454f5054L; // IHAVEOPT
    public static final long OPTION_REPLY_MAGIC = 0x0003e889045565a9L;
    static final int REQUEST_MAGIC = 0x25609513;
    static final int EXTENDED_REQUEST_MAGIC = 0x21e41c71;
    public static final int SIMPLE_REPLY_MAGIC = 0x67446698;
    public static final int STRUCTURED_REPLY_MAGIC = 0x668e33ef;
    public static final int EXTENDED_REPLY_MAGIC = 0x6e8a278c;

    public static final int GREETING_BYTES = 18;
    public static final int OPTION_HEADER_BYTES = 16;
    public static final int OPTION_REPLY_HEADER_BYTES = 20;
    public static final int REQUEST_BYTES = 28;
    public static final int EXTENDED_REQUEST_BYTES = 32;
    public static final int SIMPLE_REPLY_BYTES = 16;
    public static final int STRUCTURED_CHUNK_BYTES = 20;
    public static final int EXTENDED_CHUNK_BYTES = 32;

    // Handshake flags, of the server and of the client alike.
    public static final int FIXED_NEWSTYLE = 1;
    public static final int NO_ZEROES = 1 << 1;

    public static final int EXPORT_ZEROES_BYTES = 124; // after the answer to EXPORT_NAME, unless NO_ZEROES was agreed

    // Options.
    public static final int OPT_EXPORT_NAME = 1;
    public static final int OPT_ABORT = 2;
    public static final int OPT_LIST = 3;
    public static final int OPT_STARTTLS = 5;
    public static final int OPT_INFO = 6;
    public static final int OPT_GO = 7;
    public static final int OPT_STRUCTURED_REPLY = 8;
    public static final int OPT_LIST_META_CONTEXT = 9;
    public static final int OPT_SET_META_CONTEXT = 10;
    public static final int OPT_EXTENDED_HEADERS = 11;
    public static final int OPT_SESSION = 0x646d696f; // "dmio": ours alone, and others answer UNSUP

    // Types of option replies.
    public static final int REP_ACK = 1;
    public static final int REP_SERVER = 2;
    public static final int REP_INFO = 3;
    public static final int REP_META_CONTEXT = 4;
    public static final int REP_SESSION = 0x646d696f; // the server's instance:16
    public static final int REP_ERROR = 1 << 31; // set in every refusal
    public static final int REP_ERR_UNSUP = REP_ERROR | 1;
    public static final int REP_ERR_POLICY = REP_ERROR | 2;
    public static final int REP_ERR_INVALID = REP_ERROR | 3;
    public static final int REP_ERR_TLS_REQD = REP_ERROR | 5;
    public static final int REP_ERR_UNKNOWN = REP_ERROR | 6;
    public static final int REP_ERR_SHUTDOWN = REP_ERROR | 7;
    public static final int REP_ERR_TOO_BIG = REP_ERROR | 9;
    public static final int REP_ERR_EXT_HEADER_REQD = REP_ERROR | 10;

    // What INFO and GO tell.
    public static final int INFO_EXPORT = 0;
    public static final int INFO_NAME = 1;
    public static final int INFO_DESCRIPTION = 2;
    public static final int INFO_BLOCK_SIZE = 3;

    // Transmission flags.
    public static final int HAS_FLAGS = 1;
    public static final int READ_ONLY = 1 << 1;
    public static final int SEND_FLUSH = 1 << 2;
    public static final int SEND_FUA = 1 << 3;
    public static final int SEND_TRIM = 1 << 5;
    public static final int SEND_WRITE_ZEROES = 1 << 6;
    public static final int SEND_DF = 1 << 7;
    public static final int CAN_MULTI_CONN = 1 << 8;
    public static final int SEND_CACHE = 1 << 10;
    public static final int SEND_FAST_ZERO = 1 << 11;
    public static final int BLOCK_STATUS_PAYLOAD = 1 << 12;

    // Command flags.
    public static final int CMD_FUA = 1;
    public static final int CMD_NO_HOLE = 1 << 1;
    public static final int CMD_DF = 1 << 2;
    public static final int CMD_REQ_ONE = 1 << 3;
    public static final int CMD_FAST_ZERO = 1 << 4;
    public static final int CMD_PAYLOAD_LEN = 1 << 5;

    // Chunks.
    public static final int CHUNK_DONE = 1;
    public static final int CHUNK_NONE = 0;
    public static final int CHUNK_OFFSET_DATA = 1;
    public static final int CHUNK_OFFSET_HOLE = 2;
    public static final int CHUNK_BLOCK_STATUS = 5;
    public static final int CHUNK_BLOCK_STATUS_EXT = 6;
    public static final int CHUNK_ERROR_BIT = 1 << 15;
    public static final int CHUNK_ERROR = CHUNK_ERROR_BIT | 1;

    // Status of base:allocation.
    public static final int STATUS_HOLE = 1;
    public static final int STATUS_ZERO = 1 << 1;

    public static final String BASE_ALLOCATION = "base:allocation";

    /** The longest string: names, descriptions, contexts, error texts. */
    public static final int STRING_BYTES_MAX = 4096;

    /** The length that every side must be able to transfer at once, and that we say we can. */
    public static final int PAYLOAD_BYTES_MAX = 32 << 20;

    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

    private Wire() {}

    public static void writeString(ByteBuf out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length).writeBytes(bytes);
    }

    public static String readString(ByteBuf in, int bytes) {
        return in.readCharSequence(bytes, StandardCharsets.UTF_8).toString();
    }

    /**
     * Returns what the other side says in a form for terminals: without control characters, changes of direction and other invisible
     * characters.
     */
    public static String printable(String said) {
        return UNPRINTABLE.matcher(said).replaceAll(" ");
    }
}
