package io.dmio.device;

import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Sectors;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What a plan decides about one operation: the operation may first be held until released, then waits for {@code delay}, then {@code act}
 * happens. A value without Reactor in it, so that plans are tested as functions.
 *
 * @param held whether it waits for {@link FaultyDevice#release}
 * @param delay how long it waits after that; zero for not at all
 * @param act what reaches the device and what is answered
 */
record Verdict(boolean held, Duration delay, Act act) {

    /** A century: added to the time of a clock, it still fits a {@code long} of nanoseconds. */
    private static final Duration DELAY_MAX = Duration.ofDays(36_525);

    static final Verdict PASS = of(Act.PASS); // after the limit, which it is made with

    Verdict {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("a delay of " + delay + " is not at least zero");
        }
        delay = delay.compareTo(DELAY_MAX) > 0 ? DELAY_MAX : delay;
    }

    static Verdict of(Act act) {
        return new Verdict(false, Duration.ZERO, act);
    }

    /** Returns both combined: held if either is, delays added, and the first act that is not a pass. */
    Verdict and(Verdict other) {
        return new Verdict(held || other.held, delay.plus(other.delay), passes() ? other.act : act);
    }

    /** Returns this verdict, but a pass if the act would change nothing, so that other faults may decide. */
    Verdict about(BlockOp op, DeviceInfo info) {
        return act.passes(op, info) ? new Verdict(held, delay, Act.PASS) : this;
    }

    /** Returns whether the operation goes to the device as it is, even if late. */
    boolean passes() {
        return act.equals(Act.PASS);
    }

    boolean passesAtOnce() {
        return passes() && !held && delay.isZero();
    }

    /** Returns whether the operation carries data. */
    static boolean transfers(BlockOp op) {
        return op instanceof BlockOp.Read || op instanceof BlockOp.Write;
    }

    /** What happens to the operation itself. */
    sealed interface Act {

        /** It goes to the device as it is. */
        Act PASS = new Pass();

        /** It vanishes and is acknowledged. */
        Act DROP = new Drop();

        /** Returns whether the operation goes to the device as it is nevertheless. */
        boolean passes(BlockOp op, DeviceInfo info);

        /** See {@link #PASS}. */
        record Pass() implements Act {
            @Override
            public boolean passes(BlockOp op, DeviceInfo info) {
                return true;
            }
        }

        /** See {@link #DROP}. */
        record Drop() implements Act {
            @Override
            public boolean passes(BlockOp op, DeviceInfo info) {
                return false;
            }
        }

        /** It never reaches the device. */
        record Fail(Errno errno) implements Act {
            public Fail {
                Objects.requireNonNull(errno, "errno");
            }

            @Override
            public boolean passes(BlockOp op, DeviceInfo info) {
                return false;
            }
        }

        /**
         * Only its first sectors reach the device.
         *
         * @param sectorsKept how many; more than the operation has means all
         * @param answer the errno afterwards, or empty for an acknowledgement
         */
        record Tear(long sectorsKept, Optional<Errno> answer) implements Act {
            @Override
            public boolean passes(BlockOp op, DeviceInfo info) {
                return answer.isEmpty() && kept(op, info) == op.sectorCount();
            }

            /** Returns how much of an operation is kept, in whole blocks. */
            long kept(BlockOp op, DeviceInfo info) {
                int blockSectors = info.logicalBlockBytes() / Sectors.BYTES;
                return Math.min(sectorsKept, op.sectorCount()) / blockSectors * blockSectors;
            }
        }

        /** One byte of the data changes on its way: {@code (byte & keepMask) ^ flipMask}. */
        record Corrupt(int byteIndex, int keepMask, int flipMask) implements Act {

            public Corrupt {
                if (byteIndex < 0 || flipMask < 0 || flipMask > 0xFF) {
                    throw new IllegalArgumentException("byte " + byteIndex + ", value " + flipMask
                            + ": bytes are counted from 0, values are 0 to 255");
                }
            }

            @Override
            public boolean passes(BlockOp op, DeviceInfo info) {
                return !transfers(op) || byteIndex >= Sectors.toBytes(op.sectorCount());
            }

            byte apply(byte before) {
                return (byte) ((before & keepMask) ^ flipMask);
            }
        }

        /** It goes to another place; it passes if that place would not be on the device, or if it has none. */
        record Misdirect(long bySectors) implements Act {
            @Override
            public boolean passes(BlockOp op, DeviceInfo info) {
                long sector = op.sector() + bySectors; // negative if beyond the largest number
                return bySectors == 0
                        || op.sectorCount() == 0
                        || sector < 0
                        || sector > info.sectorCount() - op.sectorCount();
            }
        }
    }
}
