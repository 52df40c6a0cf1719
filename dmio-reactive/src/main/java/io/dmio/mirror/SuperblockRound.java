package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Membership;
import io.dmio.mirror.disk.Superblock;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Writes one superblock to every leg that takes part, durably. Legs that are coming in get it last, when all others
 * have it: otherwise a crash could leave a leg that says it is in, and others that say it is not and go on without it.
 * At a start, legs that are behind get it first. Owned by the mailbox.
 */
final class SuperblockRound extends LegFan {

    private final Membership membership;
    private final Predicate<Leg> whom;
    private final Consumer<@Nullable DeviceException> told;
    private final List<ByteBuf> memory = new ArrayList<>();
    private final Deque<List<Leg>> turns = new ArrayDeque<>();
    private boolean catchesUp; // it is the newest one, for legs that do not have it

    /**
     * @param membership what is recorded
     * @param told called with null when it is durable on all legs that still take part
     */
    SuperblockRound(Legs legs, Membership membership, Consumer<@Nullable DeviceException> told) {
        this(legs, membership, Leg::takesPart, told);
    }

    /** Returns a round of the newest superblock, to legs that do not have it; calls back with null even if they failed it and are out. */
    static SuperblockRound toThoseBehind(Legs legs, Consumer<@Nullable DeviceException> told) {
        Behind behind = legs.roster().behind();
        Predicate<Leg> whom = leg -> leg.takesPart() && behind.hasOlderRecord(leg.index);
        SuperblockRound round = new SuperblockRound(legs, behind.newest(), whom, told);
        round.catchesUp = true;
        return round;
    }

    private SuperblockRound(
            Legs legs, Membership membership, Predicate<Leg> whom, Consumer<@Nullable DeviceException> told) {
        super(legs, Work.METADATA);
        this.membership = membership;
        this.whom = whom;
        this.told = told;
    }

    /**
     * Returns a round to legs that are there and take no part.
     *
     * @param whom which of them
     * @param told called when each has it, has failed, or is late; a late answer is waited for before the leg comes in again
     */
    static SuperblockRound toThoseLeftOut(
            Legs legs, Membership membership, Predicate<Leg> whom, Consumer<@Nullable DeviceException> told) {
        return new SuperblockRound(legs, membership, whom, told);
    }

    void start() {
        boolean inOrder = runtime.options().keeps(Rule.RECORD_OTHERS_FIRST);
        List<Leg> all = roster.present().stream()
                .filter(leg -> whom.test(leg) && !membership.leg(leg.index).isFree())
                .toList();
        Predicate<Leg> last = leg -> inOrder && leg.life() == LegLife.ENTERING;
        turns.add(all.stream().filter(last.negate()).toList());
        turns.add(all.stream().filter(last).toList());
        ask(next());
    }

    private void ask(List<Leg> asked) {
        asked.forEach(this::expect);
        for (Leg leg : asked) {
            byte[] bytes = new Superblock(membership, leg.index, leg.layout.legSectors()).encode();
            ByteBuf slot = runtime.memory().hold(bytes.length).setBytes(0, bytes);
            memory.add(slot);
            long sector = LegLayout.slotSector(leg.layout.legSectors(), slotFor(leg));
            leg.write(new BlockOp.Write(sector, slot, true), this);
        }
        allAsked();
    }

    @Override
    public void answered(LegOp op, @Nullable DeviceException problem) {
        if (problem == null) {
            op.leg.slot = slotFor(op.leg);
        }
        super.answered(op, problem);
    }

    @Override
    public void overdue(LegOp op) {
        if (op.leg.takesPart()) {
            super.overdue(op);
            if (catchesUp) {
                failures.setAside(op.leg); // no other leg is asked that could show that this one is to blame
            }
        } else {
            op.leg.detach(op);
            answered(op, op.leg.noAnswer());
        }
    }

    @Override
    boolean flushes(Leg leg) {
        return leg.flushesToForce();
    }

    @Override
    void ended() {
        List<Leg> next = isGood() ? next() : List.of();
        if (next.isEmpty()) {
            memory.forEach(runtime.memory()::free);
            told.accept(catchesUp && kept() == 0 ? null : problem());
        } else {
            ask(next);
        }
    }

    private List<Leg> next() {
        turns.removeIf(legs -> legs.stream().noneMatch(whom));
        return turns.isEmpty()
                ? List.of()
                : turns.remove().stream().filter(whom).toList();
    }

    // The slot that does not hold the newest superblock: a torn write must leave that one.
    private static int slotFor(Leg leg) {
        return leg.slot == 0 ? 1 : 0;
    }
}
