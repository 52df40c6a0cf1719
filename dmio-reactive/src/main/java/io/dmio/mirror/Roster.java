package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.MirrorEvent.Kind;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.LegRecord;
import io.dmio.mirror.disk.Membership;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The legs of the mirror: which there are, what is on record of them, which have everything, and which can be spared. The state of a leg is its
 * {@link LegLife}. Only {@link OnRecord#change} changes what is recorded. Owned by the mailbox.
 */
final class Roster {

    private final MirrorRuntime runtime;
    private final NotedChunks noted = new NotedChunks();
    private final @Nullable Leg[] legs = new Leg[LegLayout.LEGS_MAX];
    private List<Leg> present = List.of();
    private Membership membership;
    private int leaving; // bit i: leg i gets nothing any more, and is gone once that is on record
    private Behind behind;
    private boolean writable = true;
    private boolean begun;

    Roster(MirrorRuntime runtime, Membership membership, Behind behind) {
        this.runtime = runtime;
        this.membership = membership;
        this.behind = runtime.options().keeps(Rule.CATCH_UP_FIRST)
                ? behind
                : behind.withRecords().withBatches();
    }

    /** Which legs are still behind. */
    Behind behind() {
        return behind;
    }

    /** Sets which legs are still behind, as some have caught up. */
    void is(Behind now) {
        behind = now;
    }

    /** Chunks that legs have, although it is noted that they lack them. */
    NotedChunks noted() {
        return noted;
    }

    Membership membership() {
        return membership;
    }

    /** Sets what is to be recorded from now on. */
    void becomes(Membership to) {
        membership = to;
        membership = to.withOutnumbered(isOutnumbered());
    }

    /** The legs that have a device, whether they take part or not. */
    List<Leg> present() {
        return present;
    }

    /** The legs that have a device. */
    int presentMask() {
        return present.stream().mapToInt(Leg::bit).sum();
    }

    /** The leg in a slot; null if the slot is free or the leg's device is missing. */
    @Nullable
    Leg leg(int index) {
        return legs[index];
    }

    /** Refuses an index whose slot is free, or that is no slot's. */
    void requireLeg(int index) {
        if (index < 0 || index >= legs.length || membership.leg(index).isFree()) {
            throw noLeg(index);
        }
    }

    DeviceException noLeg(int index) {
        return DeviceException.of(Errno.ENODEV, runtime.name(), "has no leg " + index);
    }

    void put(Leg leg) {
        legs[leg.index] = leg;
        refresh();
    }

    /** Removes a leg whose device is gone again. */
    void take(Leg leg) {
        legs[leg.index] = null;
        refresh();
    }

    /** The legs that take part. */
    int inMask() {
        int mask = 0;
        for (Leg leg : present) {
            mask |= leg.takesPart() ? leg.bit() : 0;
        }
        return mask;
    }

    /** The legs that are on record as taking part. */
    int holders() {
        int mask = 0;
        for (Leg leg : present) {
            mask |= isHolder(leg) ? leg.bit() : 0;
        }
        return mask;
    }

    /** Whether a leg is on record as taking part, so that what it alone has is safe there. */
    boolean isHolder(Leg leg) {
        return leg.takesPart() && !leg.life().isNew();
    }

    /** How many legs have a slot, including missing ones. */
    int slots() {
        int count = 0;
        for (int i = 0; i < legs.length; i++) {
            count += membership.leg(i).isFree() ? 0 : 1;
        }
        return count;
    }

    /** The legs that have a slot and do not take part. */
    int outMask() {
        int mask = 0;
        for (int i = 0; i < legs.length; i++) {
            Leg leg = legs[i];
            boolean in = leg != null && leg.takesPart();
            mask |= in || membership.leg(i).isFree() ? 0 : 1 << i;
        }
        return mask;
    }

    /** The legs that have a slot and are not on record as taking part. */
    List<Integer> outOnRecord() {
        int holders = holders();
        return IntStream.range(0, legs.length)
                .filter(i -> !membership.leg(i).isFree() && (holders >> i & 1) == 0)
                .boxed()
                .toList();
    }

    /** Whether a leg takes part and durably has everything that was ever acknowledged, so that it could stand in for all others. */
    boolean isComplete(Leg leg) {
        return isInSync(leg) && leg.lagSectors == 0 && !noted.isNoted(leg);
    }

    /** As {@link #isComplete}, but chunks that are being repaired do not count, and writes that the leg may lag behind with do not. */
    boolean isInSync(Leg leg) {
        return leg.life() == LegLife.IN_SYNC;
    }

    /** How many legs are in sync. */
    int inSyncCount() {
        int count = 0;
        for (Leg leg : present) {
            count += isInSync(leg) ? 1 : 0;
        }
        return count;
    }

    /** The legs that are complete. */
    int completeMask() {
        int mask = 0;
        for (Leg leg : present) {
            mask |= isComplete(leg) ? leg.bit() : 0;
        }
        return mask;
    }

    /** Whether the others could go on without a leg: another one has everything, or nobody depends on this leg yet. */
    boolean canSpare(Leg leg) {
        return leg.life().isNew() || (completeMask() & ~leg.bit()) != 0;
    }

    /** Returns why writes are refused; null if they are taken. */
    @Nullable
    String refusesWrites() {
        int needed = membership.legsMin();
        if (needed == 1) { // asked for each write
            return null;
        }
        int complete = inSyncCount();
        if (complete < needed) {
            return "read-only: " + (complete == 1 ? "1 leg is" : complete + " legs are")
                    + " in sync, and legsMin asks for " + needed;
        }
        return isOutnumbered()
                ? "read-only: " + needed
                        + " legs or more are out that may go on by themselves: bring one back, or remove it"
                : null;
    }

    /**
     * Whether as many legs are out as may start without the others: once fewer than legsMin were left, they may not know that they are out.
     * New legs do not change that.
     */
    boolean isOutnumbered() {
        int needed = membership.legsMin();
        int holders = Integer.bitCount(holders());
        return needed > 1
                && runtime.options().keeps(Rule.COUNT_WHO_IS_OUT)
                && slots() - holders >= needed
                && (membership.outnumbered() || holders < needed);
    }

    /** Lets users write from now on, if there are legs enough, and reports an event if there are not. */
    void begin() {
        begun = true;
        lookAtWritable();
    }

    /** Notes whether writes are taken, and reports an event if that changed; until the mirror has begun nobody writes. */
    void lookAtWritable() {
        membership = membership.withOutnumbered(isOutnumbered());
        String refusal = refusesWrites();
        if (begun && writable != (refusal == null)) {
            writable = refusal == null;
            runtime.happened(
                    writable ? Kind.WRITABLE : Kind.READ_ONLY,
                    LegLayout.NO_LEG,
                    refusal == null ? "enough legs are in sync: writes are taken again" : refusal);
        }
    }

    boolean isWritable() {
        return writable;
    }

    /** Returns what is recorded next: the membership as it is now, a generation later, without the legs that are leaving. */
    Membership nextGeneration() {
        membership = membership.next();
        Membership recorded = membership;
        for (int i = 0; i < legs.length; i++) {
            recorded = isLeaving(i) ? recorded.with(i, LegRecord.FREE) : recorded;
        }
        return recorded;
    }

    /** Whether a leg gets nothing any more and is leaving. */
    boolean isLeaving(int index) {
        return (leaving >> index & 1) != 0;
    }

    /** Lets a leg leave: it gets nothing any more, and what is recorded next says so. */
    void leaves(int index) {
        leaving |= 1 << index;
    }

    /** Notes that it is on record that a leg has gone. */
    void hasLeft(int index) {
        leaving &= ~(1 << index);
    }

    private void refresh() {
        List<Leg> there = new ArrayList<>();
        for (Leg leg : legs) {
            if (leg != null) {
                there.add(leg);
            }
        }
        present = List.copyOf(there);
    }
}
