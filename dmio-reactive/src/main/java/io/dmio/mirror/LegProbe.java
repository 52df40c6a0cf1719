package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.LegMarks;
import io.dmio.mirror.disk.Planes;
import io.dmio.mirror.disk.Superblock;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks the device that answers in a leg's place who it is: reads its superblocks and its mark. Once it has its owner's mark it is asked again,
 * and, if it is as it left, also for what it says itself that it lacks, or may lack. Others may have been told since that the leg had that, and
 * the leg may be in a state from before: if a chunk was written after its mark, the leg itself says that the chunk is dirty. Owned by the
 * mailbox.
 */
final class LegProbe implements LegTask {

    private static final int SLOTS = 2;
    private static final int MARKS_UNREAD_MAX = 2; // the mark may be readable again, and spare the copy of everything

    private final MirrorRuntime runtime;
    private final Roster roster;
    private final Leg leg;
    private final Consumer<@Nullable Answer> told;
    private final ByteBuf memory;
    private final Planes own;
    private boolean again;
    private int page;
    private int unread; // bit i: slot i could not be read
    private @Nullable Identity identity;

    /**
     * What a probe found.
     *
     * @param identity who the device is
     * @param own what the device says of itself, if it is as it left and was asked again
     */
    record Answer(Identity identity, Planes own) {}

    /**
     * Creates a probe of a leg.
     *
     * @param told gets what was found; null if nothing answered
     */
    LegProbe(Legs legs, int chunkCount, Leg leg, Consumer<@Nullable Answer> told) {
        this.runtime = legs.runtime();
        this.roster = legs.roster();
        this.leg = leg;
        this.told = told;
        this.memory = runtime.memory().hold((SLOTS + 1) * LegLayout.SLOT_BYTES);
        this.own = new Planes(roster.membership().mirror(), chunkCount);
    }

    void start() {
        try {
            leg.device.pin(); // it may be another device now: that is what is asked
        } catch (RuntimeException | Error broken) {
            ended(null);
            return;
        }
        next();
    }

    /** Asks again, the very device that answered before and has its owner's mark since. */
    void startAgain() {
        again = true;
        next();
    }

    private void next() {
        if (page < SLOTS) {
            leg.read(LegLayout.slotSector(leg.layout.legSectors(), page), slot(page), this);
        } else {
            leg.read(leg.layout.unitSector(plane(), unit()), slot(SLOTS), this);
        }
    }

    private int plane() {
        return page - SLOTS < own.units() ? Planes.DIRTY : Planes.stale(leg.index);
    }

    private int unit() {
        return (page - SLOTS) % own.units();
    }

    private ByteBuf slot(int slot) {
        return memory.slice(slot * LegLayout.SLOT_BYTES, LegLayout.SLOT_BYTES);
    }

    @Override
    public void answered(LegOp op, @Nullable DeviceException failure) {
        if (failure != null && page <= SLOTS && !isReadWithout(failure)) {
            ended(null);
            return;
        }
        if (page >= SLOTS && failure == null) {
            own.decode(plane(), unit(), slot(SLOTS));
        }
        if (page == SLOTS) {
            leg.marksUnread = failure == null ? 0 : leg.marksUnread;
            identity = identity();
            if (identity == null) {
                ended(null);
                return;
            }
        }
        page++;
        Identity known = identity;
        if (known != null && (!again || known.kind() != Identity.Kind.AS_IT_LEFT)) {
            ended(new Answer(known, own));
        } else if (known != null && page == SLOTS + 2 * own.units()) {
            own.setUnread(Planes.DIRTY);
            own.setUnread(Planes.stale(leg.index));
            ended(new Answer(known, own));
        } else {
            next();
        }
    }

    // As at a start: one slot tells who the leg is, if not how far, and a leg without its mark gets everything.
    private boolean isReadWithout(DeviceException failure) {
        slot(page).setZero(0, LegLayout.SLOT_BYTES);
        if (page < SLOTS) {
            unread |= 1 << page;
        } else {
            leg.marksUnread++;
        }
        boolean isEnough = page < SLOTS ? unread != (1 << SLOTS) - 1 : leg.marksUnread > MARKS_UNREAD_MAX;
        return LegCall.hasAnswered(failure) && isEnough;
    }

    private void ended(@Nullable Answer answer) {
        runtime.memory().free(memory);
        told.accept(answer);
    }

    private @Nullable Identity identity() {
        try {
            LegDisk found =
                    LegDisk.of(leg.calls.able(), List.of(bytes(0), bytes(1))).withMark(slot(SLOTS));
            Identity who = Identity.of(roster.membership(), leg.index, found).without(unread);
            if (who.kind() != Identity.Kind.STRANGE) {
                leg.slot = found.slot();
                // It has to be on record that the leg gets everything before its mark says how far it is.
                leg.marks = who.kind() == Identity.Kind.OLDER ? LegMarks.NONE : LegMarks.at(found.batch());
            }
            return who;
        } catch (DeviceException none) {
            if (unread != 0) {
                return null; // what could be read is no superblock, and what could not may be one
            }
            boolean told = leg.slot >= 0
                    || !Superblock.isNameless(
                            List.of(bytes(0), bytes(1)), roster.membership().mirror());
            return told ? Identity.strange(none) : Identity.nameless();
        }
    }

    private byte[] bytes(int slot) {
        byte[] bytes = new byte[LegLayout.SLOT_BYTES];
        slot(slot).getBytes(0, bytes);
        return bytes;
    }

    @Override
    public void overdue(LegOp op) {
        leg.detach(op);
        ended(null); // it would be as late with all other reads
    }

    @Override
    public Work work() {
        return Work.METADATA;
    }
}
