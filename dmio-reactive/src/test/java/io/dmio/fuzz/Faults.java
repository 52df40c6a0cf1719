package io.dmio.fuzz;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;

/**
 * How a drawn device fails.
 *
 * @param plan of the faulty device
 * @param any whether there is one
 * @param late whether it answers when told to instead
 * @param stalls whether operations wait
 * @param lies whether a change may be acknowledged and not done
 * @param wild whether content may become anything
 */
record Faults(FaultPlan plan, boolean any, boolean late, boolean stalls, boolean lies, boolean wild) {

    private static final Faults NONE = new Faults(FaultPlan.none(), false, false, false, false, false);
    private static final Faults LATE = new Faults(FaultPlan.none(), false, true, true, false, false);

    /** Half of all devices have none. */
    static Faults any(Draw draw) {
        return switch (draw.below(12)) {
            case 0, 1, 2, 3, 4 -> NONE;
            case 5, 6, 7 -> LATE;
            case 8 -> honest(narrowed(Fault.errno(Errno.EIO), draw), false);
            case 9 -> honest(narrowed(draw.oneIn(2) ? Fault.torn(draw.below(5), Errno.EIO) : bad(draw), draw), false);
            case 10 -> honest(narrowed(Fault.stalled(), draw), true);
            default -> liar(draw);
        };
    }

    private static Fault bad(Draw draw) {
        return Fault.badSectors(draw.below(Disk.SECTORS), 1 + draw.below(8), draw.below(2));
    }

    private static Faults honest(Fault fault, boolean stalls) {
        return new Faults(FaultPlan.of(fault), true, false, stalls, false, false);
    }

    private static Faults liar(Draw draw) {
        boolean wild = draw.oneIn(2);
        Fault fault = switch (draw.below(3)) {
            case 0 -> wild ? Fault.flipped(draw.below(2000)) : Fault.dropped();
            case 1 -> wild ? Fault.misdirected(8) : Fault.tornUnnoticed(draw.below(5));
            default -> wild ? Fault.flippedAtRandom(7) : Fault.dropped();
        };
        Fault narrowed = draw.oneIn(2) ? fault.upDown(draw.below(3), 1 + draw.below(2)) : fault;
        return new Faults(FaultPlan.of(narrowed), true, false, false, true, wild);
    }

    private static Fault narrowed(Fault fault, Draw draw) {
        return switch (draw.below(6)) {
            case 0 -> fault.within(draw.below(Disk.SECTORS), 1 + draw.below(8));
            case 1 -> fault.nth(1 + draw.below(4));
            case 2 -> fault.upDown(draw.below(3), 1 + draw.below(2));
            case 3 -> fault.on(draw.of(BlockOp.Kind.values()));
            case 4 -> fault.chance(0.5, draw.next());
            default -> fault;
        };
    }
}
