package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.dmio.concurrent.RangeLock;
import io.dmio.memory.Views;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Copies a few sectors from a leg that has them to legs that lack them, with the range to itself. Foreground writes to
 * the range wait for the copy or the copy for them, so what it copies is never older than what it overwrites. A piece
 * that is all zeroes becomes a hole where a leg can have holes.
 */
final class PieceCopy extends LegFan {

    private final Parts parts;
    private final long sector;
    private final int count;
    private final int targets;
    private final Told told;
    private final RepairRange repair;
    private boolean noting;
    private RangeLock.@Nullable Range range;
    private @Nullable ByteBuf memory;
    private int asked;

    /** What it works on. */
    record Parts(Legs legs, RangeLock locks, ReadRun.Parts reads, Repairs repairs) {}

    /** Hears how a copy ended. */
    interface Told {
        /**
         * Called in the mailbox, once.
         *
         * @param done legs that have the piece now
         * @param failed legs that were written to and may hold anything there now
         * @param problem what went wrong first, or null
         */
        void ended(int done, int failed, @Nullable DeviceException problem);
    }

    /**
     * Creates a copy to legs that are known to lack the range; it is to be started.
     *
     * @param parts what it works on
     * @param range the sectors to copy
     * @param targets bit i: copy to leg i
     */
    PieceCopy(Parts parts, SectorRange range, int targets, Told told) {
        super(parts.legs, Work.SYNC);
        this.parts = parts;
        this.repair = RepairRange.of(parts.reads.chunks(), range, targets);
        this.sector = range.sector();
        this.count = range.count();
        this.targets = targets;
        this.told = told;
    }

    /** For legs that have the rest of the chunk: before anything is written it is noted that they lack it, until it is there. */
    PieceCopy noting() {
        noting = true;
        return this;
    }

    void start() {
        range = parts.locks.lock(sector, count, this::locked);
    }

    private void locked() {
        if (noting) {
            parts.repairs.begin(repair, problem -> {
                if (problem == null) {
                    copy();
                } else {
                    end(problem);
                }
            });
        } else {
            copy();
        }
    }

    private void copy() {
        ByteBuf into = runtime.memory().hold(count * Sectors.BYTES);
        memory = into;
        ReadRun.start(parts.reads, new BlockOp.Read(sector, into), targets, this::read);
    }

    private void read(@Nullable DeviceException problem) {
        ByteBuf from = memory;
        if (problem != null || from == null) {
            end(problem);
            return;
        }
        for (Leg leg : roster.present()) {
            if (leg.takesPart() && (targets & leg.bit()) != 0) {
                expect(leg);
            }
        }
        asked = waiting();
        if (asked == 0) {
            end(null);
            return;
        }
        boolean isHole = !noting && isZero(from);
        for (Leg leg : roster.present()) {
            if ((asked & leg.bit()) == 0) {
                continue;
            }
            if (isHole) {
                leg.zero(true, sector, count, this);
            } else {
                leg.write(new BlockOp.Write(sector, from, false), this);
            }
        }
    }

    // Decides by what was read, not by what a device says of its holes, which may be as old as its answer. A range that
    // is mended is written, as only that makes a disk replace a bad sector.
    private static boolean isZero(ByteBuf read) {
        return PagePool.isZero(Views.nio(read, 0, read.capacity()), 0, read.capacity());
    }

    @Override
    void ended() {
        end(failure());
    }

    // A target never has everything, so the leg that was read must count as the one that answered.
    @Override
    public void overdue(LegOp op) {
        failures.setAside(op.leg);
    }

    private void end(@Nullable DeviceException problem) {
        runtime.memory().free(memory);
        if (noting) {
            parts.repairs.end(repair, asked & ~done());
        }
        if (range != null) {
            parts.locks.unlock(range);
        }
        told.ended(done(), asked & ~done(), problem);
    }
}
