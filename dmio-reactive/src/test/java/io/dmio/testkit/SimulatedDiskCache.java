package io.dmio.testkit;

import io.dmio.BlockOp;
import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The bytes of a {@link SimulatedDisk}: what reads see, what is durable, and the changes between the two. A cut decides for
 * each change that is not durable whether it is kept, lost or torn; never does an older change come up over a newer one that
 * was durable. No time, no answers, no locks: the disk has those.
 */
final class SimulatedDiskCache {

    private final byte[] cached;
    private final byte[] durable;
    private final long[] durableOrder; // per sector: the order of the change whose bytes are durable
    private final List<Change> changes = new ArrayList<>(); // cached, not durable; in the order they came
    private long order;

    /** A write, discard or write-zeroes: whole sectors, on their way to the medium. */
    static final class Change {
        private final int id;
        private final long sector;
        private final byte[] bytes;
        private long order;
        private boolean answered;
        private boolean hardened;

        Change(int id, long sector, byte[] bytes) {
            this.id = id;
            this.sector = sector;
            this.bytes = bytes;
        }

        private int sectorCount() {
            return bytes.length / Sectors.BYTES;
        }
    }

    SimulatedDiskCache(long sectorCount) {
        cached = new byte[Math.toIntExact(Sectors.toBytes(sectorCount))];
        durable = cached.clone();
        durableOrder = new long[(int) sectorCount];
    }

    private SimulatedDiskCache(SimulatedDiskCache other) {
        cached = other.cached.clone();
        durable = other.durable.clone();
        durableOrder = other.durableOrder.clone();
        order = other.order;
        for (Change change : other.changes) {
            Change copy = new Change(change.id, change.sector, change.bytes);
            copy.order = change.order;
            changes.add(copy);
        }
    }

    /** Another one that holds the same, to see what would become of it. */
    SimulatedDiskCache copy() {
        return new SimulatedDiskCache(this);
    }

    /** What a read sees. */
    byte[] read(long sector, long count) {
        return copy(cached, sector, count);
    }

    /** The same, into memory. */
    void read(long sector, ByteBuf into) {
        into.setBytes(0, cached, at(sector), into.capacity());
    }

    /** What would be there if every change that is not durable were lost. */
    byte[] durable(long sector, long count) {
        return copy(durable, sector, count);
    }

    /** What an operation writes. */
    Change change(int id, BlockOp op, SplittableRandom random) {
        byte[] bytes = new byte[Math.toIntExact(Sectors.toBytes(op.sectorCount()))]; // zeroes
        if (op instanceof BlockOp.Write write) {
            write.from().getBytes(0, bytes);
        } else if (op.kind() == BlockOp.Kind.DISCARD && random.nextBoolean()) {
            bytes = read(op.sector(), op.sectorCount()); // a discard promises nothing
        }
        return new Change(id, op.sector(), bytes);
    }

    /** Shows the change to reads from now on. */
    void apply(Change change) {
        change.order = ++order;
        System.arraycopy(change.bytes, 0, cached, at(change.sector), change.bytes.length);
        changes.add(change);
    }

    /** From now on the change belongs to every flush. */
    void answered(Change change) {
        change.answered = true;
    }

    /** What a flush that is submitted now makes durable. */
    List<Change> answeredChanges() {
        return changes.stream().filter(change -> change.answered).toList();
    }

    /** Makes changes durable, except where a newer one is already. */
    void harden(List<Change> which) {
        for (Change change : which) {
            keep(change, 0, change.sectorCount());
            change.hardened = true;
        }
        changes.removeIf(change -> change.hardened);
    }

    /** What was answered and is not durable never will be; reads see it until the power goes. */
    void forget() {
        changes.removeIf(change -> change.answered);
    }

    /**
     * Loses the power. What reads see afterwards is what was durable, and of the rest what the seed lets through.
     *
     * @param inFlight not applied yet, in the order they shall reach the medium if they do
     * @return each fate, for the log
     */
    List<String> cut(List<Change> inFlight, SplittableRandom random) {
        inFlight.forEach(this::apply);
        List<String> fates =
                changes.stream().map(change -> fate(change, random)).toList();
        changes.clear();
        System.arraycopy(durable, 0, cached, 0, durable.length);
        return fates;
    }

    /** Flips a bit of one sector for good, behind everybody's back. */
    void flip(long sector, int bit) {
        int at = at(sector) + bit / Byte.SIZE;
        cached[at] ^= (byte) (1 << bit % Byte.SIZE);
        durable[at] ^= (byte) (1 << bit % Byte.SIZE);
    }

    /** Holds these bytes from now on, and nothing else. */
    void load(byte[] image) {
        changes.clear();
        System.arraycopy(image, 0, cached, 0, cached.length);
        System.arraycopy(image, 0, durable, 0, durable.length);
        Arrays.fill(durableOrder, order);
    }

    private String fate(Change change, SplittableRandom random) {
        int count = change.sectorCount();
        int draw = random.nextInt(3);
        if (draw == 0) {
            return "#" + change.id + " lost";
        }
        if (draw == 1 || count < 2) {
            keep(change, 0, count);
            return "#" + change.id + " kept";
        }
        int tear = random.nextInt(1, count);
        if (random.nextBoolean()) {
            keep(change, 0, tear);
            return "#" + change.id + " torn: sectors before " + (change.sector + tear) + " kept";
        }
        keep(change, tear, count); // a disk may write the end of a request first
        return "#" + change.id + " torn: sectors from " + (change.sector + tear) + " on kept";
    }

    private void keep(Change change, int from, int to) {
        for (int i = from; i < to; i++) {
            int sector = (int) change.sector + i;
            if (durableOrder[sector] < change.order) {
                durableOrder[sector] = change.order;
                System.arraycopy(change.bytes, i * Sectors.BYTES, durable, at(sector), Sectors.BYTES);
            }
        }
    }

    private static int at(long sector) {
        return Math.toIntExact(Sectors.toBytes(sector));
    }

    private static byte[] copy(byte[] from, long sector, long count) {
        return Arrays.copyOfRange(from, at(sector), at(sector + count));
    }
}
