package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One superblock to every leg that takes part, durably. Owned by the mailbox. */
final class SuperblockRound extends LegFan {

    private final Membership membership;
    private final Consumer<@Nullable DeviceException> told;
    private final List<ByteBuf> memory = new ArrayList<>();

    /**
     * @param membership what is recorded
     * @param told with null when it is durable on all legs that still take part
     */
    SuperblockRound(Mirror mirror, Membership membership, Consumer<@Nullable DeviceException> told) {
        super(mirror, Work.METADATA);
        this.membership = membership;
        this.told = told;
    }

    void start() {
        List<Leg> asked =
                mirror.roster().present().stream().filter(leg -> leg.in).toList();
        asked.forEach(this::expect);
        for (Leg leg : asked) {
            byte[] bytes = new Superblock(membership, leg.index, leg.layout.legSectors()).encode();
            ByteBuf slot = mirror.hold(bytes.length).setBytes(0, bytes);
            memory.add(slot);
            long sector = LegLayout.slotSector(leg.layout.legSectors(), slotFor(leg));
            leg.write(new BlockOp.Write(sector, slot, true), this);
        }
    }

    @Override
    public void answered(LegOp op, @Nullable DeviceException problem) {
        if (problem == null) {
            op.leg.slot = slotFor(op.leg);
        }
        super.answered(op, problem);
    }

    @Override
    void ended() {
        memory.forEach(mirror::free);
        DeviceException problem = failure();
        if (isGood()) {
            told.accept(null);
        } else {
            told.accept(problem != null ? problem : DeviceException.of(Errno.EIO, mirror.name(), "no leg takes part"));
        }
    }

    // The one that does not hold the newest: a torn write must leave that.
    private static int slotFor(Leg leg) {
        return leg.slot == 0 ? 1 : 0;
    }
}
