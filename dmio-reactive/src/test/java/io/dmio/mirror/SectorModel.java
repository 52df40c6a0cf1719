package io.dmio.mirror;

import io.dmio.Sectors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;

/**
 * What each sector of a mirror may hold, byte for byte. A sector's content is named by the number of the write it came from;
 * 0 is zeroes. Per sector it keeps the writes since the last one known to be durable, in the order they were submitted,
 * which is the order they take effect in where they overlap.
 */
final class SectorModel {

    /** Content of a write, or zeroes. */
    static final int ZEROES = 0;

    private static final int GARBAGE = -1; // from no write

    private final List<List<Entry>> sectors = new ArrayList<>();
    private final List<Set<Integer>> ever = new ArrayList<>();
    private final boolean garbage; // a write that failed may have left anything
    private int begun;

    /** How far a write has come. */
    enum State {
        IN_FLIGHT,
        DONE,
        FAILED
    }

    /** What a read may find: per sector, and the number of writes that had begun. */
    record Reading(long sector, List<Set<Integer>> contents, List<List<Write>> writes, BitSet beside, int begun) {}

    /** One write, discard or write-zeroes. */
    static final class Write {
        final int content;
        final long sector;
        final int count;
        int order;
        State state = State.IN_FLIGHT;
        boolean spoils; // may have left anything
        boolean doubted; // since a flush failed that may have been for it

        Write(int content, long sector, int count) {
            this.content = content;
            this.sector = sector;
            this.count = count;
        }
    }

    /** A write at one sector; null stands for what was there before all of them. */
    private record Entry(int content, Write write) {
        boolean isDone() {
            return write.state == State.DONE;
        }
    }

    SectorModel(int count, boolean garbage) {
        this.garbage = garbage;
        for (int i = 0; i < count; i++) {
            sectors.add(new ArrayList<>());
            ever.add(new HashSet<>(Set.of(ZEROES)));
            settle(i, ZEROES);
        }
    }

    /** A write is submitted. */
    void begin(Write write) {
        write.order = ++begun;
        for (int i = 0; i < write.count; i++) {
            sectors.get((int) write.sector + i).add(new Entry(write.content, write));
            ever.get((int) write.sector + i).add(write.content);
        }
    }

    /** It was answered; if it was forced, what came before it is over. */
    void end(Write write, boolean good, boolean forced) {
        write.state = good ? State.DONE : State.FAILED;
        write.spoils = !good && garbage;
        if (good && forced) {
            for (int i = 0; i < write.count; i++) {
                List<Entry> entries = sectors.get((int) write.sector + i);
                int at = indexOf(entries, write);
                entries.subList(0, Math.max(at, 0)).clear();
            }
        }
    }

    /** What is answered now, by sector: the last write that was, for a flush that begins. */
    List<Object> mark() {
        List<Object> marks = new ArrayList<>();
        for (List<Entry> entries : sectors) {
            marks.add(entries.get(lastDone(entries)));
        }
        return marks;
    }

    /** A flush that began at the mark was answered. */
    void flushed(List<Object> marks) {
        for (int sector = 0; sector < sectors.size(); sector++) {
            List<Entry> entries = sectors.get(sector);
            int at = entries.indexOf(marks.get(sector));
            while (at > 0 && (entries.get(at).write.doubted || !entries.get(at).isDone())) {
                at--;
            }
            entries.subList(0, Math.max(at, 0)).clear();
        }
    }

    /** A flush failed, which may have been for anything that was answered: no later one makes that durable. */
    void flushFailed() {
        sectors.forEach(entries -> entries.stream().filter(Entry::isDone).forEach(entry -> entry.write.doubted = true));
    }

    /** The power is gone: what was in flight or not durable may be there or not. */
    void crashed() {
        for (List<Entry> entries : sectors) {
            for (int i = 0; i < entries.size(); i++) {
                Write unsure = new Write(entries.get(i).content, 0, 0);
                unsure.state = i == 0 ? State.DONE : State.FAILED;
                unsure.spoils =
                        entries.get(i).write.spoils || (garbage && entries.get(i).write.state == State.IN_FLIGHT);
                entries.set(i, new Entry(unsure.content, unsure));
            }
        }
    }

    /** The process is gone, and the disks are not: what was in flight may be there or not. */
    void killed() {
        for (List<Entry> entries : sectors) {
            for (Entry entry : entries) {
                if (entry.write.state == State.IN_FLIGHT) {
                    entry.write.state = State.FAILED;
                    entry.write.spoils = garbage;
                }
            }
        }
    }

    /** A read that begins now: what it may find in each of its sectors, but for writes that begin later. */
    Reading reading(long sector, long count) {
        return reading(sector, count, SectorModel::lastDone);
    }

    /** What a first read of everything may find if the power goes now. */
    Reading readingAfterCut() {
        return reading(0, sectors.size(), entries -> 0);
    }

    private Reading reading(long sector, long count, ToIntFunction<List<Entry>> oldest) {
        List<Set<Integer>> contents = new ArrayList<>();
        List<List<Write>> writes = new ArrayList<>();
        BitSet beside = new BitSet();
        for (long at = sector; at < sector + count; at++) {
            List<Entry> entries = sectors.get((int) at);
            beside.set(
                    (int) (at - sector),
                    garbage && entries.stream().anyMatch(entry -> entry.write.state == State.IN_FLIGHT));
            Set<Integer> found = new HashSet<>();
            for (Entry entry : entries.subList(oldest.applyAsInt(entries), entries.size())) {
                found.add(entry.content);
            }
            contents.add(found);
            writes.add(entries.stream().map(Entry::write).toList());
        }
        return new Reading(sector, contents, writes, beside, begun);
    }

    /** Empty if the read was right; else what is wrong. */
    String check(Reading reading, byte[] bytes) {
        for (int i = 0; i < reading.contents.size(); i++) {
            long sector = reading.sector + i;
            int content = content(bytes, i * Sectors.BYTES, sector);
            boolean spoilt = reading.beside.get(i) // where a leg may fail it, and is read at the same time
                    || reading.writes.get(i).stream().anyMatch(write -> write.spoils); // by now
            boolean right = reading.contents.get(i).contains(content)
                    || (spoilt && content == GARBAGE)
                    || sectors.get((int) sector).stream()
                            .anyMatch(entry -> entry.write.order > reading.begun
                                    && (entry.content == content || (garbage && content == GARBAGE)));
            if (!right) {
                return "sector " + sector + " holds " + (content < 0 ? "garbage" : "" + content) + ", and may hold "
                        + reading.contents.get(i) + "; ever " + ever.get((int) sector);
            }
        }
        return "";
    }

    /** After a crash: what was found is what is there from now on. */
    void settle(long sector, byte[] bytes, int at) {
        settle((int) sector, content(bytes, at, sector));
    }

    /** A sector's bytes after a write. */
    static void fill(byte[] into, int at, int content, long sector) {
        if (content == ZEROES) {
            return;
        }
        ByteBuffer bytes = ByteBuffer.wrap(into, at, Sectors.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(content).putInt((int) sector);
        SplittableRandom random = new SplittableRandom(content * 31L + sector);
        while (bytes.hasRemaining()) {
            bytes.putLong(random.nextLong());
        }
    }

    private void settle(int sector, int content) {
        Write base = new Write(content, sector, 1);
        base.state = State.DONE;
        sectors.get(sector).clear();
        sectors.get(sector).add(new Entry(content, base));
    }

    /** The write a sector came from. */
    private static int content(byte[] bytes, int at, long sector) {
        int content = ByteBuffer.wrap(bytes, at, Sectors.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt();
        byte[] right = new byte[Sectors.BYTES];
        fill(right, 0, content, sector);
        return Arrays.equals(right, 0, Sectors.BYTES, bytes, at, at + Sectors.BYTES) ? content : GARBAGE;
    }

    private static int lastDone(List<Entry> entries) {
        for (int i = entries.size() - 1; i > 0; i--) {
            if (entries.get(i).isDone()) {
                return i;
            }
        }
        return 0;
    }

    private static int indexOf(List<Entry> entries, Write write) {
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).write == write) {
                return i;
            }
        }
        return -1;
    }
}
