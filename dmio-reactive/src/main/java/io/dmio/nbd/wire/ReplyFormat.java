package io.dmio.nbd.wire;

/** The form of answers, as agreed in the handshake; each form can do what the ones before it can. */
public enum ReplyFormat {
    /** One frame each; a read fails before its first byte or not at all. */
    SIMPLE,
    /** In chunks: holes, errors in the middle, texts. */
    STRUCTURED,
    /** Chunks with 64-bit lengths, to requests with 64-bit lengths. */
    EXTENDED;

    public boolean isChunked() {
        return this != SIMPLE;
    }

    /** Returns the number of bytes that come before the data of a read. */
    public int dataHeadBytes() {
        return switch (this) {
            case SIMPLE -> Wire.SIMPLE_REPLY_BYTES;
            case STRUCTURED -> Wire.STRUCTURED_CHUNK_BYTES + Long.BYTES;
            case EXTENDED -> Wire.EXTENDED_CHUNK_BYTES + Long.BYTES;
        };
    }
}
