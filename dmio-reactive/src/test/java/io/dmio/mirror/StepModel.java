package io.dmio.mirror;

import io.dmio.Sectors;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Which versions of each sector a user wrote, one after the other, and which it was told are durable. */
final class StepModel {

    /** Where bits rot in a sector. */
    static final int ROTTEN_BYTE = 77;

    static final byte ROTTEN_BITS = 4;

    private final int sectors;
    private final List<Write> writes = new ArrayList<>(); // in order; version i + 1 is at i
    private final int[] durable; // by sector: the newest version that was answered
    private int at;

    /** A version of a sector. */
    record Write(int version, int sector) {}

    /** Each sector holds a version of its own. */
    StepModel(int sectors) {
        this.sectors = sectors;
        this.durable = new int[sectors];
    }

    /** The same, to go on from. */
    StepModel copy() {
        StepModel same = new StepModel(sectors);
        same.writes.addAll(writes);
        System.arraycopy(durable, 0, same.durable, 0, sectors);
        same.at = at;
        return same;
    }

    /** What the user writes next; sectors far apart follow each other. */
    Write next() {
        at = (at + 13) % sectors;
        Write write = new Write(writes.size() + 1, at);
        writes.add(write);
        return write;
    }

    void acknowledged(Write write) {
        durable[write.sector] = write.version;
    }

    int count() {
        return writes.size();
    }

    /** The writes, in the order they came. */
    Write write(int number) {
        return writes.get(number);
    }

    /** The newest version of a sector that was answered. */
    int durable(int sector) {
        return durable[sector];
    }

    static byte[] bytes(int version, int sector) {
        ByteBuffer bytes = ByteBuffer.allocate(Sectors.BYTES);
        while (bytes.hasRemaining()) {
            bytes.putInt(version).putInt(version == 0 ? 0 : sector);
        }
        return bytes.array();
    }

    /** What is wrong with content; empty if each sector holds what was answered last, or what was written since. */
    String check(byte[] bytes) {
        for (int sector = 0; sector < sectors; sector++) {
            int found = version(bytes, sector);
            if (found < durable[sector] || found > writes.size()) {
                return "sector " + sector + " holds version " + found + ", and version " + durable[sector]
                        + " was answered";
            }
        }
        return "";
    }

    /** What is wrong with content that is to be of one moment between writes, from some version on. */
    String checkMoment(byte[] bytes, int from) {
        int newest = from;
        for (int sector = 0; sector < sectors; sector++) {
            newest = Math.max(newest, version(bytes, sector));
        }
        for (int sector = 0; sector < sectors; sector++) {
            int which = sector;
            int last = newest;
            int right = writes.stream()
                    .filter(write -> write.sector == which && write.version <= last)
                    .mapToInt(Write::version)
                    .max()
                    .orElse(0);
            if (version(bytes, sector) != right) {
                return "sector " + sector + " holds version " + version(bytes, sector) + ", and " + right
                        + " when version " + newest + " was written";
            }
        }
        return "";
    }

    /** Puts bits right that had rotten in these sectors before. */
    static byte[] mended(byte[] bytes, List<Integer> rotten) {
        byte[] right = bytes.clone();
        for (int sector : rotten) {
            if (version(right, sector) < 0) {
                right[sector * Sectors.BYTES + ROTTEN_BYTE] ^= ROTTEN_BITS;
            }
        }
        return right;
    }

    // -1 if it is no sector that was ever written there.
    private static int version(byte[] bytes, int sector) {
        ByteBuffer all = ByteBuffer.wrap(bytes, sector * Sectors.BYTES, Sectors.BYTES);
        int version = all.getInt();
        byte[] right = bytes(version, sector);
        for (int i = 0; i < Sectors.BYTES; i++) {
            if (right[i] != bytes[sector * Sectors.BYTES + i]) {
                return -1;
            }
        }
        return version;
    }
}
