package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Membership;
import io.dmio.mirror.disk.Superblock;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The first superblock of a leg that is to come in, on itself: it says which leg it is, and that it is out. So whatever fails
 * before it is in, it can prove who it is when it answers again. Owned by the mailbox.
 */
final class Introduction implements LegTask {

    private final MirrorRuntime runtime;
    private final Leg leg;
    private final Consumer<@Nullable DeviceException> told;
    private final ByteBuf memory;

    Introduction(Legs legs, Leg leg, Consumer<@Nullable DeviceException> told) {
        this.runtime = legs.runtime();
        this.leg = leg;
        this.told = told;
        Membership says = legs.roster().membership().introduction();
        Superblock first = new Superblock(says, leg.index, leg.layout.legSectors());
        this.memory = runtime.memory().hold(LegLayout.SLOT_BYTES).setBytes(0, first.encode());
    }

    void start() {
        leg.write(new BlockOp.Write(LegLayout.slotSector(leg.layout.legSectors(), 0), memory, true), this);
    }

    @Override
    public void answered(LegOp op, @Nullable DeviceException failure) {
        runtime.memory().free(memory);
        leg.slot = failure == null ? 0 : leg.slot;
        told.accept(failure);
    }

    @Override
    public void overdue(LegOp op) {
        leg.detach(op);
        answered(op, leg.noAnswer());
    }

    @Override
    public Work work() {
        return Work.METADATA;
    }
}
