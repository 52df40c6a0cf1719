package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Planes;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks a leg that still counts whether it is what it was: the same leg, with the newest of the bitmap and the last mark of its owner. It may lack
 * nothing, as no other leg has what it has; so an older state does not do here. Owned by the mailbox.
 */
final class LegProof implements LegTask {

    private static final int SLOTS = 2;
    private static final int BITMAP = SLOTS;
    private static final int MARK = BITMAP + 1;
    private static final int BLOCKS = MARK + 1;

    private final MirrorRuntime runtime;
    private final Roster roster;
    private final Owner owner;
    private final Leg leg;
    private final Consumer<@Nullable DeviceException> told;
    private final ByteBuf memory;
    private int block;

    /**
     * Creates a proof.
     *
     * @param told gets null if the leg is what it was; ESTALE if the device has to be pinned again, or is not there; otherwise what is wrong
     */
    LegProof(Legs legs, Owner owner, Leg leg, Consumer<@Nullable DeviceException> told) {
        this.runtime = legs.runtime();
        this.roster = legs.roster();
        this.owner = owner;
        this.leg = leg;
        this.told = told;
        this.memory = runtime.memory().hold(BLOCKS * LegLayout.SLOT_BYTES);
    }

    /** Asks what is there now; nobody else may ask it meanwhile. */
    void start() {
        try {
            leg.device.pin();
        } catch (RuntimeException | Error broken) {
            ended(isNot("" + broken));
            return;
        }
        next();
    }

    private void next() {
        long sectors = leg.layout.legSectors();
        long sector = switch (block) {
            case BITMAP -> leg.layout.unitSector(Planes.DIRTY, 0);
            case MARK -> LegLayout.ownerSector(sectors);
            default -> LegLayout.slotSector(sectors, block);
        };
        leg.read(sector, at(block), this);
    }

    private ByteBuf at(int which) {
        return memory.slice(which * LegLayout.SLOT_BYTES, LegLayout.SLOT_BYTES);
    }

    private byte[] bytes(int which) {
        byte[] bytes = new byte[LegLayout.SLOT_BYTES];
        at(which).getBytes(0, bytes);
        return bytes;
    }

    @Override
    public void answered(LegOp op, @Nullable DeviceException failure) {
        block++;
        if (failure != null) {
            ended(failure);
        } else if (block < BLOCKS) {
            next();
        } else {
            ended(problem());
        }
    }

    private @Nullable DeviceException problem() {
        try {
            LegDisk found =
                    LegDisk.of(leg.calls.able(), List.of(bytes(0), bytes(1))).withMark(at(BITMAP));
            Identity who = Identity.of(roster.membership(), leg.index, found);
            if (who.kind() == Identity.Kind.STRANGE) {
                return who.refusal(leg.name());
            }
            boolean isNewest = leg.marks.include(found.batch()) && carriesLast(Sight.of(bytes(MARK)));
            return isNewest ? null : isNot("is in an older state, and no other leg has what it had since");
        } catch (DeviceException none) {
            return isNot("" + none.getMessage());
        }
    }

    private boolean carriesLast(Sight sight) {
        OwnerMark mark = sight.mark();
        return owner.owner().isEmpty() || (mark != null && owner.isMine(sight) && mark.beat() >= leg.beat);
    }

    private DeviceException isNot(String why) {
        return DeviceException.of(Errno.EINVAL, leg.name(), why);
    }

    private void ended(@Nullable DeviceException problem) {
        runtime.memory().free(memory);
        told.accept(problem);
    }

    @Override
    public void overdue(LegOp op) {
        leg.detach(op);
        ended(leg.noAnswer());
    }

    @Override
    public Work work() {
        return Work.METADATA;
    }
}
