package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The marks of several legs, read or written side by side. A leg that does not write its mark is dropped if it can be spared; one
 * that does not give it is left to the others. Nobody waits here for other work of the mirror, as that may wait for this. Owned by
 * the mailbox.
 */
final class OwnerRound implements LegTask {

    private final Mirror mirror;
    private final Runnable ended;
    private final Map<Leg, Sight> sights = new HashMap<>();
    private final Map<LegOp, ByteBuf> reads = new HashMap<>();
    private boolean writes;
    private int waiting;
    private int done; // bit i: leg i has its mark, durably
    private int late;

    /**
     * @param ended told once, when all have answered or are gone
     */
    OwnerRound(Mirror mirror, Runnable ended) {
        this.mirror = mirror;
        this.ended = ended;
    }

    /** Reads them. */
    void read(List<Leg> legs) {
        legs.forEach(leg -> waiting |= leg.bit());
        for (Leg leg : legs) {
            ByteBuf block = mirror.memory().hold(LegLayout.SLOT_BYTES);
            reads.put(leg.read(LegLayout.ownerSector(leg.layout.legSectors()), block, this), block);
        }
        nobody();
    }

    /** Writes them. */
    void write(List<Leg> legs, OwnerMark mark) {
        writes = true;
        legs.forEach(leg -> waiting |= leg.bit());
        byte[] bytes = mark.encode();
        for (Leg leg : legs) {
            ByteBuf block = mirror.memory().hold(LegLayout.SLOT_BYTES).setBytes(0, bytes);
            reads.put(leg.mark(OwnerMarks.op(leg.device, block), this), block);
        }
        nobody();
    }

    private void nobody() {
        if (waiting == 0) {
            mirror.tell(ended);
        }
    }

    /** What a leg gave. */
    Sight sight(Leg leg) {
        return sights.getOrDefault(leg, Sight.UNREADABLE);
    }

    boolean isDone(Leg leg) {
        return (done & leg.bit()) != 0;
    }

    @Override
    public Work work() {
        return Work.METADATA;
    }

    @Override
    public void answered(LegOp op, @Nullable DeviceException failure) {
        ByteBuf block = reads.remove(op);
        if (block == null) {
            return;
        }
        if (failure == null && !writes) {
            byte[] bytes = new byte[LegLayout.SLOT_BYTES];
            block.getBytes(0, bytes);
            sights.put(op.leg, Sight.of(bytes));
        }
        mirror.memory().free(block);
        waiting &= ~op.leg.bit();
        if (writes && failure == null) {
            done |= op.leg.bit();
        } else if (writes && failure != null) {
            mirror.roster().failed(op.leg, failure, op.detached);
        }
        setLateAside();
        if (waiting == 0) {
            waiting = -1; // told once
            ended.run();
        }
    }

    @Override
    public void overdue(LegOp op) {
        if (writes) {
            late |= op.leg.bit();
            setLateAside();
        } else {
            op.leg.detach(op);
            answered(op, DeviceException.of(Errno.ETIMEDOUT, op.leg.name(), "no answer to a look at its mark"));
        }
    }

    private void setLateAside() {
        if (waiting > 0 && (late & waiting) != 0 && (done & mirror.onRecord().completeMask()) != 0) {
            for (Leg leg : mirror.roster().present()) {
                if ((late & waiting & leg.bit()) != 0) {
                    mirror.roster().setAside(leg);
                }
            }
        }
    }
}
