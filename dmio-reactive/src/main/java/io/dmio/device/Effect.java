package io.dmio.device;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.Sectors;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** What a fault does when it strikes. {@code toString} is the call that made it. */
sealed interface Effect {

    /**
     * Decides about an operation that the fault strikes.
     *
     * @param ordinal which of the operations the fault's filter let through, from 1
     */
    Verdict judge(BlockOp op, long ordinal);

    /** The effect to use in one run: itself, unless it remembers something. */
    default Effect fresh() {
        return this;
    }

    /** Always the same. */
    record Fixed(String code, Verdict verdict) implements Effect {
        @Override
        public Verdict judge(BlockOp op, long ordinal) {
            return verdict;
        }

        @Override
        public String toString() {
            return code;
        }
    }

    /** Tears at a random sector, so that at least the last one is lost. */
    record TornAtRandom(long seed, Errno errno) implements Effect {
        @Override
        public Verdict judge(BlockOp op, long ordinal) {
            if (op.sectorCount() == 0) {
                return Verdict.PASS;
            }
            long kept = Trigger.draw(seed, ordinal).nextLong(op.sectorCount());
            return Verdict.of(new Verdict.Act.Tear(kept, Optional.of(errno)));
        }

        @Override
        public String toString() {
            return "tornAtRandom(" + seed + "L, " + errno + ")";
        }
    }

    /** Flips one random bit. */
    record FlippedAtRandom(long seed) implements Effect {
        @Override
        public Verdict judge(BlockOp op, long ordinal) {
            boolean transfers = op instanceof BlockOp.Read || op instanceof BlockOp.Write;
            if (!transfers || op.sectorCount() == 0) {
                return Verdict.PASS;
            }
            SplittableRandom random = Trigger.draw(seed, ordinal);
            int at = random.nextInt((int) op.sectorCount() * Sectors.BYTES);
            return Verdict.of(new Verdict.Act.Corrupt(at, 0xFF, 1 << random.nextInt(8)));
        }

        @Override
        public String toString() {
            return "flippedAtRandom(" + seed + "L)";
        }
    }

    /**
     * Sectors that cannot be read until they were written again, after drivers/md/dm-dust.c. The first {@code failingWrites}
     * writes of each fail too. Remembers writes, so each run has its own; guarded by the run.
     */
    final class BadSectors implements Effect {
        private static final Verdict EIO = Verdict.of(new Verdict.Act.Fail(Errno.EIO));

        private final long sector;
        private final long count;
        private final int failingWrites;
        private final Map<Long, Integer> writes = new HashMap<>();

        BadSectors(long sector, long count, int failingWrites) {
            Sectors.end(sector, count);
            if (failingWrites < 0) {
                throw new IllegalArgumentException(failingWrites + " failing writes: at least 0");
            }
            this.sector = sector;
            this.count = count;
            this.failingWrites = failingWrites;
        }

        @Override
        public Effect fresh() {
            return new BadSectors(sector, count, failingWrites);
        }

        @Override
        public Verdict judge(BlockOp op, long ordinal) {
            long end = Math.min(sector + count, op.sector() + op.sectorCount());
            boolean fails = false;
            for (long at = Math.max(sector, op.sector()); at < end; at++) {
                fails |= op.kind().changes() ? failsWrite(at) : writes.getOrDefault(at, 0) <= failingWrites;
            }
            return fails ? EIO : Verdict.PASS;
        }

        private boolean failsWrite(long at) {
            return writes.merge(at, 1, Integer::sum) <= failingWrites;
        }

        @Override
        public String toString() {
            return "badSectors(" + sector + ", " + count + ", " + failingWrites + ")";
        }
    }
}
