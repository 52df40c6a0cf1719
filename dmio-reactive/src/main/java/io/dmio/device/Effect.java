package io.dmio.device;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.Sectors;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;

/** What a fault does when it strikes. {@code toString} is the call that made it. */
sealed interface Effect permits Effect.Fixed, Effect.TornAtRandom, Effect.FlippedAtRandom, BadSectors {

    /**
     * Decides about an operation that the fault strikes, and remembers nothing of it.
     *
     * @param ordinal the number of the operation among those that the fault's filter let through, from 1
     */
    Verdict judge(BlockOp op, long ordinal);

    /** Returns the effect to use in one run: this one, unless it remembers something. */
    default Effect fresh() {
        return this;
    }

    /** Called when this effect's verdict, and no other's, decides what happens to the operation. */
    default void decided(BlockOp op) {}

    /** Returns whether {@link #written} is to be called. */
    default boolean remembersWrites() {
        return false;
    }

    /** Called when an operation that changes sectors has reached the device behind, with success. */
    default void written(BlockOp op) {}

    /** An effect that always gives the same verdict. */
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
        public TornAtRandom {
            Objects.requireNonNull(errno, "errno");
        }

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
            return "tornAtRandom(" + Code.seed(seed) + ", " + errno + ")";
        }
    }

    /** Flips one random bit. */
    record FlippedAtRandom(long seed) implements Effect {
        @Override
        public Verdict judge(BlockOp op, long ordinal) {
            if (!Verdict.transfers(op) || op.sectorCount() == 0) {
                return Verdict.PASS;
            }
            SplittableRandom random = Trigger.draw(seed, ordinal);
            int at = random.nextInt((int) op.sectorCount() * Sectors.BYTES);
            return Verdict.of(new Verdict.Act.Corrupt(at, 0xFF, 1 << random.nextInt(8)));
        }

        @Override
        public String toString() {
            return "flippedAtRandom(" + Code.seed(seed) + ")";
        }
    }
}
