package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.disk.LegLayout;
import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads or writes the marks of several legs side by side. A leg that does not write its mark, or does not answer in
 * time, is dropped if it can be spared. A round is over when all legs have answered; after a while, short beside the
 * time an owner may act, it is over as soon as enough have, as otherwise one leg that hangs would cost the owner the
 * mirror. A round never waits for other work of the mirror, as that may wait for the round. Owned by the mailbox.
 */
final class OwnerRound implements LegTask {

    private static final int PATIENCE_PARTS = 4; // a look, a mark, the pause before them, and as much to spare

    private final MirrorRuntime runtime;
    private final Roster roster;
    private final LegFailures failures;
    private final MarkedLegs marked;
    private final Runnable ended;
    private final Map<Leg, Sight> sights = new HashMap<>();
    private final Map<LegOp, ByteBuf> reads = new HashMap<>();
    private List<Leg> legs = List.of();
    private boolean writes;
    private long beat; // that it writes
    private boolean hurries;
    private boolean over;
    private int waiting;
    private int done; // bit i: the mark of leg i was written durably, or was read
    private int unflushed; // bit i: leg i failed and still takes part, and may have lost what it had not flushed
    private @Nullable DeviceException unflushedWhy;
    private int late;

    /**
     * @param on the mirror's legs
     * @param marked knows which legs are enough
     * @param ended called once, when all legs have answered or are gone, or enough have in time
     */
    OwnerRound(Legs on, MarkedLegs marked, Runnable ended) {
        this.runtime = on.runtime();
        this.roster = on.roster();
        this.failures = on.failures();
        this.marked = marked;
        this.ended = ended;
    }

    /** Reads the marks of these legs. */
    void read(List<Leg> these) {
        begin(these);
        for (Leg leg : these) {
            ByteBuf block = runtime.memory().hold(LegLayout.SLOT_BYTES);
            reads.put(leg.read(LegLayout.ownerSector(leg.layout.legSectors()), block, this), block);
        }
    }

    /** Writes the marks of these legs. */
    void write(List<Leg> these, OwnerMark mark) {
        writes = true;
        beat = mark.beat();
        begin(these);
        byte[] bytes = mark.encode();
        for (Leg leg : these) {
            ByteBuf block = runtime.memory().hold(LegLayout.SLOT_BYTES).setBytes(0, bytes);
            reads.put(leg.mark(OwnerMarks.op(leg.layout.legSectors(), block), this), block);
        }
    }

    private void begin(List<Leg> these) {
        legs = these;
        legs.forEach(leg -> waiting |= leg.bit());
        marked.asked(waiting);
        if (waiting == 0) {
            runtime.tell(this::look);
        } else {
            long patience = runtime.options().ownerTerms().leaseNanos() / PATIENCE_PARTS;
            runtime.after(patience, TimeUnit.NANOSECONDS, () -> {
                hurries = true;
                look();
            });
        }
    }

    List<Leg> legs() {
        return legs;
    }

    /** Returns what was seen on a leg. */
    Sight sight(Leg leg) {
        return sights.getOrDefault(leg, Sight.UNREADABLE);
    }

    boolean isDone(Leg leg) {
        return (done & leg.bit()) != 0;
    }

    boolean hasAnswered(Leg leg) {
        return (waiting & leg.bit()) == 0;
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
        runtime.memory().free(block);
        waiting &= ~op.leg.bit();
        marked.answered(op.leg.bit());
        if (failure == null) {
            done |= op.leg.bit();
            op.leg.beat = writes ? beat : op.leg.beat;
        } else if (writes) {
            failures.failed(op.leg, failure, op.detached);
            if (!op.detached && op.leg.takesPart() && op.leg.flushesToForce()) {
                unflushed |= op.leg.bit();
                unflushedWhy = failure;
            }
        }
        tellOfLosses();
        setLateAside();
        look();
    }

    @Override
    public void overdue(LegOp op) {
        late |= op.leg.bit();
        setLateAside();
        if (!writes && op.leg.takesPart()) { // no other leg could take its place
            op.leg.detach(op);
            answered(op, DeviceException.of(Errno.ETIMEDOUT, op.leg.name(), "no answer to a look at its mark"));
        }
    }

    // Only once all have answered: legs that did it have what the others may have lost.
    private void tellOfLosses() {
        DeviceException why = unflushedWhy;
        if (waiting == 0 && why != null) {
            int kept = 0;
            for (Leg leg : legs) {
                kept |= leg.takesPart() ? leg.bit() & unflushed : 0;
            }
            unflushedWhy = null;
            failures.unflushed(kept, done, why);
        }
    }

    private void look() {
        boolean through = waiting == 0
                || (hurries && marked.suffice(legs.stream().filter(this::isDone).toList()));
        if (through && !over) {
            over = true;
            ended.run();
        }
    }

    private void setLateAside() {
        if (waiting > 0 && (late & waiting) != 0 && (done & roster.completeMask()) != 0) {
            for (Leg leg : roster.present()) {
                if ((late & waiting & leg.bit()) != 0) {
                    failures.setAside(leg);
                }
            }
        }
    }
}
