package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.mirror.disk.LegLayout;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at both superblock slots of a device that has its owner's mark and is to become a leg. Owned by the mailbox. */
final class SlotLook implements LegTask {

    private static final int SLOTS = 2;

    private final MirrorRuntime runtime;
    private final Leg leg;
    private final Told told;
    private final ByteBuf memory;
    private final List<byte[]> found = new ArrayList<>();
    private @Nullable DeviceException unread;

    /** Hears what was found. */
    interface Told {
        /**
         * Called with what is there.
         *
         * @param slots both; zeroes where one could not be read
         * @param unread why one could not be read
         */
        void found(List<byte[]> slots, @Nullable DeviceException unread);
    }

    SlotLook(Legs legs, Leg leg, Told told) {
        this.runtime = legs.runtime();
        this.leg = leg;
        this.told = told;
        this.memory = runtime.memory().hold(LegLayout.SLOT_BYTES);
    }

    void start() {
        leg.read(LegLayout.slotSector(leg.layout.legSectors(), found.size()), memory, this);
    }

    @Override
    public void answered(LegOp op, @Nullable DeviceException failure) {
        byte[] slot = new byte[LegLayout.SLOT_BYTES];
        if (failure == null) {
            memory.getBytes(0, slot);
        } else {
            unread = failure;
        }
        found.add(slot);
        if (found.size() < SLOTS) {
            start();
        } else {
            runtime.memory().free(memory);
            told.found(found, unread);
        }
    }

    @Override
    public void overdue(LegOp op) {
        leg.detach(op);
        runtime.memory().free(memory);
        told.found(List.of(), leg.noAnswer()); // it would be as late with the other slot
    }

    @Override
    public Work work() {
        return Work.METADATA;
    }
}
