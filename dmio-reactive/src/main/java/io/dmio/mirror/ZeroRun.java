package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.concurrent.RangeLock;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A long discard or write-zeroes: it goes to the legs in pieces, so that it does not hold up everybody else there. To
 * those who come after it, it is one operation all the same: it has its range to itself until the last piece has ended.
 * Owned by the mailbox, except {@link #stop}.
 */
final class ZeroRun {

    private final WriteRun.Parts parts;
    private final SyncThrottle throttle;
    private final BlockOp op;
    private final long pieceSectors;
    private final Consumer<@Nullable DeviceException> told;
    private RangeLock.@Nullable Range range;
    private long done;
    private volatile boolean stopped;

    /**
     * Creates a run, which is to be started.
     *
     * @param parts what its pieces work on
     * @param throttle is told of each piece
     * @param op a discard or write-zeroes
     * @param told called with null when all of it is done, or as much as was until it was stopped
     */
    ZeroRun(WriteRun.Parts parts, SyncThrottle throttle, BlockOp op, Consumer<@Nullable DeviceException> told) {
        this.parts = parts;
        this.throttle = throttle;
        this.op = op;
        this.pieceSectors = parts.legs().runtime().options().zeroSectorsMax;
        this.told = told;
    }

    static boolean isLong(BlockOp op, MirrorSettings options) {
        boolean zeroes = op.kind() == BlockOp.Kind.DISCARD || op.kind() == BlockOp.Kind.WRITE_ZEROES;
        return zeroes && op.sectorCount() > options.zeroSectorsMax;
    }

    void start() {
        range = parts.locks().lock(op.sector(), op.sectorCount(), this::next);
    }

    /** Ends it with the piece it is at, as nobody waits for it any more. From any thread. */
    void stop() {
        stopped = true;
    }

    private void next() {
        if (done == op.sectorCount() || stopped) {
            end(null);
            return;
        }
        long sector = op.sector() + done;
        long count = Math.min(pieceSectors, op.sectorCount() - done);
        BlockOp piece = op.kind() == BlockOp.Kind.DISCARD
                ? new BlockOp.Discard(sector, count)
                : new BlockOp.WriteZeroes(sector, count);
        WriteRun run = new WriteRun(parts, piece, Unpooled.EMPTY_BUFFER, new WriteRun.Told() {
            @Override
            public void answered(@Nullable DeviceException problem) {
                ended(count, problem);
            }

            @Override
            public void over() {} // a piece without memory is over when it is answered
        });
        throttle.used();
        run.startLocked();
    }

    private void ended(long count, @Nullable DeviceException problem) {
        done += count;
        if (problem == null) {
            next();
        } else {
            end(problem);
        }
    }

    private void end(@Nullable DeviceException problem) {
        if (range != null) {
            parts.locks().unlock(range);
        }
        told.accept(problem);
    }
}
