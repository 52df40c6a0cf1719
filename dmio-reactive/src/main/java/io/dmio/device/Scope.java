package io.dmio.device;

import io.dmio.BlockOp;
import io.dmio.Sectors;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The operations that a fault concerns, and which of those it strikes. {@code toString} is the calls that made it.
 *
 * @param kinds the kinds it concerns
 * @param sector the first sector it concerns
 * @param end the sector after the last; {@link #EVERYWHERE} also concerns operations without sectors
 * @param triggers must all agree to strike
 */
record Scope(Set<BlockOp.Kind> kinds, long sector, long end, List<Trigger> triggers) {

    private static final long EVERYWHERE = Long.MAX_VALUE;

    static Scope all() {
        return of(EnumSet.allOf(BlockOp.Kind.class));
    }

    /** Returns the scope of what has sectors: everything but flushes. */
    static Scope placed() {
        return of(EnumSet.complementOf(EnumSet.of(BlockOp.Kind.FLUSH)));
    }

    /** Returns the scope of what carries data. */
    static Scope transfers() {
        return of(EnumSet.of(BlockOp.Kind.READ, BlockOp.Kind.WRITE));
    }

    /** Returns the scope of what changes content. */
    static Scope changes() {
        return of(EnumSet.of(BlockOp.Kind.WRITE, BlockOp.Kind.DISCARD, BlockOp.Kind.WRITE_ZEROES));
    }

    private static Scope of(Set<BlockOp.Kind> kinds) {
        return new Scope(kinds, 0, EVERYWHERE, List.of());
    }

    Scope on(Set<BlockOp.Kind> these) {
        return new Scope(these, sector, end, triggers);
    }

    Scope within(long from, long count) {
        if (Sectors.end(from, count) == from) {
            throw new IllegalArgumentException("within 0 sectors is nowhere");
        }
        return new Scope(kinds, from, from + count, triggers);
    }

    Scope when(Trigger trigger) {
        return new Scope(
                kinds,
                sector,
                end,
                Stream.concat(triggers.stream(), Stream.of(trigger)).toList());
    }

    boolean concerns(BlockOp op) {
        return kinds.contains(op.kind()) && (end == EVERYWHERE || touches(op));
    }

    private boolean touches(BlockOp op) {
        return op.sectorCount() > 0 && op.sector() < end && op.sector() + op.sectorCount() > sector;
    }

    boolean strikes(long ordinal, long nanos) {
        for (Trigger trigger : triggers) {
            if (!trigger.strikes(ordinal, nanos)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        StringBuilder code = new StringBuilder(".on(")
                .append(String.join(", ", kinds.stream().map(Enum::name).toList()))
                .append(')');
        if (end != EVERYWHERE) {
            code.append(".within(")
                    .append(Code.of(sector))
                    .append(", ")
                    .append(Code.of(end - sector))
                    .append(')');
        }
        triggers.forEach(code::append);
        return code.toString();
    }
}
