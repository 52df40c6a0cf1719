package io.dmio.nbd.server;

import io.dmio.PagePool;
import io.dmio.Sectors;
import io.dmio.memory.Views;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts what was read into data and zeroes, so that zeroes need not be sent: also such that are no hole on the device. Looking
 * at memory that is about to be sent costs little beside sending it.
 */
final class SparseRuns {

    /** Shorter runs of zeroes are sent: a chunk of their own costs more. */
    static final int HOLE_BYTES_MIN = 32 << 10;

    private static final int UNIT_BYTES = Sectors.PAGE_BYTES;

    private SparseRuns() {}

    /**
     * A part of what was read.
     *
     * @param start bytes from its beginning
     * @param bytes how long
     * @param isHole whether it is zeroes, all of it
     */
    record Run(int start, int bytes, boolean isHole) {}

    /** All of it as data. */
    static Run whole(int bytes) {
        return new Run(0, bytes, false);
    }

    /** In order, without gaps; zeroes that are long enough as holes. */
    static List<Run> of(ByteBuf memory, int bytes) {
        if (bytes < HOLE_BYTES_MIN) {
            return List.of(whole(bytes));
        }
        List<Run> runs = new ArrayList<>(1);
        ByteBuffer all = Views.nio(memory, 0, bytes);
        int dataStart = 0;
        int at = 0;
        while (at < bytes) {
            int zeroEnd = zeroEnd(all, at, bytes);
            if (zeroEnd - at >= HOLE_BYTES_MIN) {
                if (at > dataStart) {
                    runs.add(new Run(dataStart, at - dataStart, false));
                }
                runs.add(new Run(at, zeroEnd - at, true));
                dataStart = zeroEnd;
            }
            at = Math.max(zeroEnd, Math.min(at + UNIT_BYTES, bytes));
        }
        if (dataStart < bytes) {
            runs.add(new Run(dataStart, bytes - dataStart, false));
        }
        return runs;
    }

    private static int zeroEnd(ByteBuffer all, int from, int bytes) {
        int at = from;
        while (at < bytes) {
            int unit = Math.min(UNIT_BYTES, bytes - at);
            if (!PagePool.isZero(all, at, unit)) {
                break;
            }
            at += unit;
        }
        return at;
    }
}
