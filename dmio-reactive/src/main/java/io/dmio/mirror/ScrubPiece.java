package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Sectors;
import io.dmio.concurrent.RangeLock;
import io.dmio.memory.Bytes;
import io.dmio.memory.Views;
import io.dmio.mirror.disk.Planes;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One piece of a scrub: reads every leg that should have it, compares sector by sector, and repairs if so wished. */
final class ScrubPiece implements LegTask {

    private final Scrub.Parts parts;
    private final MirrorRuntime runtime;
    private final Roster roster;
    private final Scrub scrub;
    private final long sector;
    private final int count;
    private final List<Copy> copies = new ArrayList<>();
    private final List<ByteBuf> memory = new ArrayList<>();
    private RangeLock.@Nullable Range range;
    private int waiting;
    private boolean answered; // by at least one leg
    private int late; // legs that have not answered in time
    private boolean unread; // by a leg that still takes part
    private boolean lacking; // on a leg of the mirror

    /** What one leg has. */
    private record Copy(Leg leg, ByteBuf bytes) {}

    ScrubPiece(Scrub.Parts parts, Scrub scrub, long sector, int count) {
        this.parts = parts;
        this.runtime = parts.legs().runtime();
        this.roster = parts.legs().roster();
        this.scrub = scrub;
        this.sector = sector;
        this.count = count;
    }

    void start() {
        range = parts.locks().lock(sector, count, this::locked);
    }

    @Override
    public Work work() {
        return Work.READ;
    }

    @Override
    public void answered(LegOp op, @Nullable DeviceException failure) {
        late &= ~op.leg.bit();
        if (failure != null) {
            copies.removeIf(copy -> copy.leg.equals(op.leg));
            if (op.leg.takesPart()) {
                unread = true;
                tell(op.leg, failure);
            }
        } else {
            answered = true;
            setLateAside();
        }
        if (--waiting == 0) {
            if (unread && count > scrub.blockSectors()) {
                halve();
            } else {
                scrub.unread(unread || lacking ? count : 0);
                compare();
            }
        }
    }

    // Reports the smallest parts only: what cannot be read there is what others will meet.
    private void tell(Leg leg, DeviceException failure) {
        if (count <= scrub.blockSectors()) {
            runtime.happened(MirrorEvent.Kind.READ_ERROR, leg.index, "" + failure.getMessage());
        }
    }

    @Override
    public void overdue(LegOp op) {
        late |= op.leg.bit();
        setLateAside();
    }

    // Only after another leg has answered: otherwise the whole machine may have slept, and no leg is to blame.
    private void setLateAside() {
        for (Leg leg : roster.present()) {
            if (answered && (late & leg.bit()) != 0) {
                parts.legs().failures().setAside(leg);
            }
        }
    }

    private void locked() {
        List<Leg> legs = roster.present().stream().filter(this::hasIt).toList();
        lacking = legs.size() < roster.slots();
        if (legs.size() < 2) {
            scrub.unread(lacking ? count : 0);
            end();
            return;
        }
        waiting = legs.size();
        for (Leg leg : legs) {
            Copy copy = new Copy(leg, runtime.memory().hold(count * Sectors.BYTES));
            copies.add(copy);
            memory.add(copy.bytes);
        }
        List.copyOf(copies).forEach(copy -> copy.leg.read(sector, copy.bytes, this));
    }

    // A chunk that is being repaired beside this piece counts, too; a chunk that a leg lacks differs as long as it is
    // not copied.
    private boolean hasIt(Leg leg) {
        int plane = Planes.stale(leg.index);
        return leg.takesPart()
                && leg.lagSectors == 0
                && IntStream.rangeClosed(
                                parts.bitmap().chunks().chunkOf(sector),
                                parts.bitmap().chunks().lastChunkOf(sector, count))
                        .allMatch(chunk -> !parts.bitmap().planes().get(plane, chunk)
                                || roster.noted().isNoted(leg, chunk));
    }

    // One bad sector must not hide what differs beside it.
    private void halve() {
        free();
        int half = (count / 2 + scrub.blockSectors() - 1) / scrub.blockSectors() * scrub.blockSectors();
        scrub.oneMore();
        new ScrubPiece(parts, scrub, sector, half).start();
        new ScrubPiece(parts, scrub, sector + half, count - half).start();
    }

    private void compare() {
        if (copies.size() < 2) {
            end();
            return;
        }
        scrub.compared(count);
        ByteBuf first = copies.get(0).bytes;
        int bytes = count * Sectors.BYTES;
        boolean equal = copies.stream().allMatch(copy -> areEqual(first, copy.bytes, 0, bytes));
        if (equal) {
            end();
            return;
        }
        Repair repair = new Repair();
        for (int i = 0; i < count; i++) {
            repair.look(i);
        }
        repair.start();
    }

    // A JDK buffer view compares many bytes at once.
    private static boolean areEqual(ByteBuf one, ByteBuf other, int at, int bytes) {
        return Views.nio(one, at, bytes).equals(Views.nio(other, at, bytes));
    }

    private void end() {
        free();
        scrub.passed(count);
    }

    private void free() {
        memory.forEach(runtime.memory()::free);
        if (range != null) {
            parts.locks().unlock(range);
        }
    }

    /** Makes the copies in memory equal, then writes those that changed. */
    private final class Repair extends LegFan {
        private int changed; // bit i: leg i is to be written
        private int asked;
        private long sectors;

        Repair() {
            super(parts.legs(), Work.WRITE);
        }

        void look(int i) {
            int at = i * Sectors.BYTES;
            Copy right = majority(at);
            Copy reference = right == null ? copies.get(0) : right;
            int wrong = 0;
            int all = 0;
            for (Copy copy : copies) {
                wrong |= same(reference, copy, at) ? 0 : copy.leg.bit();
                all |= copy.leg.bit();
            }
            if (wrong == 0) {
                return;
            }
            scrub.mismatch(sector + i, right == null ? all : wrong);
            Copy good = right == null ? authority() : right;
            if (scrub.mode().repair() && good != null) {
                sectors++;
                for (Copy copy : copies) {
                    if (!same(good, copy, at)) {
                        changed |= copy.leg.bit();
                        Bytes.copy(good.bytes, at, copy.bytes, at, Sectors.BYTES);
                    }
                }
            }
        }

        void start() {
            if (changed == 0) {
                end();
            } else {
                parts.repairs().begin(range(), problem -> {
                    if (problem == null) {
                        write();
                    } else {
                        over(0);
                    }
                });
            }
        }

        private RepairRange range() {
            return RepairRange.of(parts.bitmap().chunks(), new SectorRange(sector, count), changed);
        }

        private void over(int failed) {
            parts.repairs().end(range(), failed);
            end();
        }

        private void write() {
            List<Copy> wrong = copies.stream()
                    .filter(copy -> (changed & copy.leg.bit()) != 0 && copy.leg.takesPart())
                    .toList();
            wrong.forEach(copy -> expect(copy.leg));
            asked = waiting();
            wrong.forEach(copy -> copy.leg.write(new BlockOp.Write(sector, copy.bytes, true), this));
            allAsked();
        }

        @Override
        boolean flushes(Leg leg) {
            return leg.flushesToForce();
        }

        @Override
        void ended() {
            if (isGood()) {
                scrub.repaired(sectors);
            }
            over(asked & ~done());
        }

        private @Nullable Copy majority(int at) {
            for (Copy one : copies) {
                long alike =
                        copies.stream().filter(other -> same(one, other, at)).count();
                if (alike * 2 > copies.size()) {
                    return one;
                }
            }
            return null;
        }

        private @Nullable Copy authority() {
            return copies.stream()
                    .filter(copy -> copy.leg.index == scrub.mode().authority())
                    .findFirst()
                    .orElse(null);
        }

        private boolean same(Copy one, Copy other, int at) {
            return areEqual(one.bytes, other.bytes, at, Sectors.BYTES);
        }
    }
}
