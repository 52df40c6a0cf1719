package io.dmio.device;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.Sectors;

/**
 * Sectors that cannot be read until a write has reached the device, after drivers/md/dm-dust.c. The first {@code failingWrites} writes of
 * each sector fail, too. Remembers writes, so each run has its own; guarded by the run.
 */
final class BadSectors implements Effect {

    private static final Verdict EIO = Verdict.of(new Verdict.Act.Fail(Errno.EIO));
    private static final int HEALED = -1;

    private final long sector;
    private final long count;
    private final int failingWrites;
    private final SectorCounts failuresLeft;

    BadSectors(long sector, long count, int failingWrites) {
        long end = Sectors.end(sector, count);
        if (failingWrites < 0) {
            throw new IllegalArgumentException(failingWrites + " failing writes: at least 0");
        }
        this.sector = sector;
        this.count = count;
        this.failingWrites = failingWrites;
        this.failuresLeft = new SectorCounts(sector, end, failingWrites);
    }

    @Override
    public Effect fresh() {
        return new BadSectors(sector, count, failingWrites);
    }

    @Override
    public Verdict judge(BlockOp op, long ordinal) {
        int left = failuresLeft.max(op.sector(), end(op), HEALED);
        boolean fails = op.kind().changes() ? left > 0 : left > HEALED;
        return fails ? EIO : Verdict.PASS;
    }

    @Override
    public void decided(BlockOp op) {
        if (op.kind().changes()) {
            failuresLeft.change(op.sector(), end(op), left -> left > 0 ? left - 1 : left);
        }
    }

    @Override
    public boolean remembersWrites() {
        return true;
    }

    @Override
    public void written(BlockOp op) {
        failuresLeft.change(op.sector(), end(op), left -> HEALED);
    }

    private static long end(BlockOp op) {
        return op.sector() + op.sectorCount();
    }

    @Override
    public String toString() {
        return "badSectors(" + Code.of(sector) + ", " + Code.of(count) + ", " + failingWrites + ")";
    }
}
