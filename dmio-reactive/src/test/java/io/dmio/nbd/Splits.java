package io.dmio.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/** Cuts a stream of bytes as a network might: into pieces of sizes that a number says. */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Splits(byte[] bytes, long how) {

    /** Everything at once. */
    static Splits whole(byte[] bytes) {
        return new Splits(bytes, 0);
    }

    /** The pieces in order, each a buffer of its own. */
    public List<ByteBuf> pieces() {
        List<ByteBuf> pieces = new ArrayList<>();
        long state = how;
        for (int at = 0; at < bytes.length; ) {
            int piece = bytes.length - at;
            if (how != 0) {
                state = state * 0x5851_F42D_4C95_7F2DL + 0x1405_7B7E_F767_814FL;
                piece = Math.min(piece, 1 + (int) (state >>> 33) % 40);
            }
            pieces.add(Unpooled.copiedBuffer(bytes, at, piece));
            at += piece;
        }
        return pieces;
    }
}
