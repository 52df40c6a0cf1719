package io.dmio.copy;

import io.dmio.PagePool;
import io.dmio.Sectors;
import io.dmio.memory.Views;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Finds zeroes in what was read. */
final class Zeroes {

    /** A range that was found, and whether all of it is zero. */
    record Found(SectorRange range, boolean zero) {}

    private Zeroes() {}

    /**
     * Cuts a range into parts that are zero and parts that are not.
     *
     * @param range the range that was read
     * @param bytes its bytes
     * @param stepBytes parts are whole steps, except for the last
     */
    static List<Found> split(SectorRange range, ByteBuf bytes, int stepBytes) {
        ByteBuffer view = Views.nio(bytes, 0, bytes.capacity());
        List<Found> found = new ArrayList<>();
        int start = 0;
        boolean zero = PagePool.isZero(view, 0, Math.min(stepBytes, view.limit()));
        for (int at = stepBytes; at < view.limit(); at += stepBytes) {
            boolean next = PagePool.isZero(view, at, Math.min(stepBytes, view.limit() - at));
            if (next != zero) {
                found.add(part(range, start, at, zero));
                start = at;
                zero = next;
            }
        }
        found.add(part(range, start, view.limit(), zero));
        return found;
    }

    private static Found part(SectorRange of, int from, int to, boolean zero) {
        return new Found(new SectorRange(of.sector() + from / Sectors.BYTES, (to - from) / Sectors.BYTES), zero);
    }
}
