package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Membership;
import io.dmio.mirror.disk.Superblock;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes the first superblock to a leg that is to come in: it says which leg it is, and that it is out. So whatever
 * fails before it is in, it can prove who it is when it answers again. What else the leg carried is removed before, in
 * the order of {@link Superblock#firstToGo}. Owned by the mailbox.
 */
final class Introduction implements LegTask {

    private final MirrorRuntime runtime;
    private final Leg leg;
    private final int slot;
    private final byte[] superblock;
    private final Consumer<@Nullable DeviceException> told;
    private final ByteBuf memory;
    private boolean isAlone;

    /**
     * @param slots what the leg carries
     */
    Introduction(Legs legs, Leg leg, List<byte[]> slots, Consumer<@Nullable DeviceException> told) {
        this.runtime = legs.runtime();
        this.leg = leg;
        this.slot = 1 - Superblock.firstToGo(slots);
        this.told = told;
        Membership says = legs.roster().membership().introduction();
        this.superblock = new Superblock(says, leg.index, leg.layout.legSectors()).encode();
        this.memory = runtime.memory().hold(LegLayout.SLOT_BYTES);
    }

    void start() {
        write(1 - slot, new byte[LegLayout.SLOT_BYTES]);
    }

    private void write(int where, byte[] bytes) {
        long sector = LegLayout.slotSector(leg.layout.legSectors(), where);
        leg.write(new BlockOp.Write(sector, memory.setBytes(0, bytes), true), this);
    }

    @Override
    public void answered(LegOp op, @Nullable DeviceException failure) {
        if (failure == null && !isAlone) {
            isAlone = true;
            write(slot, superblock);
            return;
        }
        runtime.memory().free(memory);
        leg.slot = failure == null ? slot : leg.slot;
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
