package io.dmio.nbd.wire;

import org.jspecify.annotations.Nullable;

/** The commands of a client during transmission, with the flags that each may have. */
public enum Command {
    READ(0, Wire.CMD_FUA | Wire.CMD_DF),
    WRITE(1, Wire.CMD_FUA | Wire.CMD_PAYLOAD_LEN),
    DISC(2, Wire.CMD_FUA),
    FLUSH(3, Wire.CMD_FUA),
    TRIM(4, Wire.CMD_FUA),
    CACHE(5, Wire.CMD_FUA),
    WRITE_ZEROES(6, Wire.CMD_FUA | Wire.CMD_NO_HOLE | Wire.CMD_FAST_ZERO),
    BLOCK_STATUS(7, Wire.CMD_FUA | Wire.CMD_REQ_ONE | Wire.CMD_PAYLOAD_LEN);

    private static final Command[] BY_CODE = values();

    private final int code;
    private final int flags;

    Command(int code, int flags) {
        this.code = code;
        this.flags = flags;
    }

    /** Returns the command of a code, or null. */
    static @Nullable Command of(int code) {
        return code < BY_CODE.length ? BY_CODE[code] : null;
    }

    public int code() {
        return code;
    }

    /** Returns whether it may be sent with these flags. */
    public boolean takes(int given) {
        return (given & ~flags) == 0;
    }

    public boolean changes() {
        return this == WRITE || this == TRIM || this == WRITE_ZEROES;
    }
}
