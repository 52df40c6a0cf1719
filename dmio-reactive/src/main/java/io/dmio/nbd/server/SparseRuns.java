package io.dmio.nbd.server;

import io.dmio.PagePool;
import io.dmio.Sectors;
import io.dmio.memory.Views;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts what was read into data and zeroes, so that zeroes need not be sent, even those that are not a hole on the device. Looking at memory
 * that is about to be sent costs little compared with sending it.
 */
final class SparseRuns {

    /** The shortest hole: shorter runs of zeroes are sent, as a chunk of their own costs more. */
    static final int HOLE_BYTES_MIN = 32 << 10;

    private static final int UNIT_BYTES = Sectors.PAGE_BYTES;

    private SparseRuns() {}

    /**
     * A part of what was read.
     *
     * @param start the place of its first byte in what was read
     * @param bytes its length
     * @param isHole whether all of it is zeroes
     */
    record Run(int start, int bytes, boolean isHole) {}

    /** Returns all of it as data. */
    static Run whole(int bytes) {
        return new Run(0, bytes, false);
    }

    /** Returns the runs in order, without gaps; zeroes that are long enough are holes. */
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
