package io.dmio.nbd.server;

import io.dmio.Sectors;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ImmediateEventExecutor;

/**
 * Decides how much of a request may come: all of it, or, of a write, as much as there are pages for. A write takes pages piece by piece, so
 * that half of a write keeps no pages that others need; and once others wait it {@linkplain #mayLend makes do} with its client's own. Owned
 * by the client's event loop.
 */
final class Admission implements Room {

    /** The longest piece of a write: the most that a file takes at once. */
    static final int PIECE_BYTES_MAX = 1 << 20;

    /** The shortest piece: shorter ones are not worth it, unless others wait. */
    static final int PIECE_BYTES_MIN = 64 << 10;

    private final Window window;
    private final ExportIo io;
    private final StallWatch stalls;
    private EventExecutor loop = ImmediateEventExecutor.INSTANCE;
    private boolean isWanted; // by others
    private volatile boolean mayLend;

    Admission(Window window, ExportIo io, StallWatch stalls) {
        this.window = window;
        this.io = io;
        this.stalls = stalls;
    }

    /** Sets what the client's events run on. */
    void on(EventExecutor events) {
        loop = events;
    }

    @Override
    public boolean take(long bytes) {
        boolean taken = window.take(bytes);
        if (!taken && window.stands()) {
            stalls.start(loop);
        }
        return taken;
    }

    @Override
    public int takePiece(long offset, long left, boolean hasCome, boolean isModest) {
        mayLend = true; // first: a client that joins the line meanwhile asks for it
        int wanted = piece(offset, left, PIECE_BYTES_MAX);
        if (!isModest && !window.stands() && window.takeNow(wanted)) {
            return wanted;
        }
        long least = Math.max(isModest ? Sectors.PAGE_BYTES : PIECE_BYTES_MIN, window.ownBytes() / 2);
        int less = piece(offset, left, Math.min(PIECE_BYTES_MAX, least));
        boolean taken = hasCome && take(less);
        isWanted = taken && window.holdsCommon() && stalls.isWaitedFor();
        return taken ? less : 0;
    }

    @Override
    public int wholeBlocks(long offset, int bytes) {
        return io.wholeBlocks(offset, bytes);
    }

    @Override
    public void give(long bytes) {
        window.end();
        window.give(bytes);
    }

    /** Called when all of a piece has come. */
    void came() {
        mayLend = false;
        isWanted = false;
    }

    /** Called when others wait. */
    void lend() {
        isWanted = window.holdsCommon();
    }

    /** Returns whether others wait for what a piece has taken; they get it now that what has come is in it. */
    boolean mustLend() {
        boolean lends = isWanted;
        isWanted = false;
        return lends;
    }

    /** Returns whether half of a write may hold pages that are not the client's own. From any thread. */
    boolean mayLend() {
        return mayLend;
    }

    private int piece(long offset, long left, long bytesMax) {
        if (left <= bytesMax) {
            return (int) left;
        }
        int whole = io.wholeBlocks(offset, (int) bytesMax);
        return whole > 0 ? whole : (int) Math.min(left, io.toBlockEnd(offset));
    }
}
