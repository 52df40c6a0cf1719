package io.dmio.mirror;

import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/** The sectors of a small disk. What is copied shares all that is not written to. */
final class SmallSectors {

    private static final byte[] ZEROES = new byte[Sectors.BYTES];

    private final byte[][] sectors; // none is changed; what is written takes its place

    SmallSectors(int count) {
        sectors = new byte[count][];
        Arrays.fill(sectors, ZEROES);
    }

    private SmallSectors(byte[][] sectors) {
        this.sectors = sectors;
    }

    /** As many, all zeroes. */
    SmallSectors blank() {
        return new SmallSectors(sectors.length);
    }

    SmallSectors copy() {
        return new SmallSectors(sectors.clone());
    }

    int count() {
        return sectors.length;
    }

    void read(int sector, ByteBuf into) {
        for (int at = 0; at < into.capacity(); at += Sectors.BYTES) {
            into.setBytes(at, sectors[sector + at / Sectors.BYTES]);
        }
    }

    void write(int sector, ByteBuf from) {
        for (int at = 0; at < from.capacity(); at += Sectors.BYTES) {
            byte[] written = new byte[Sectors.BYTES];
            from.getBytes(at, written);
            sectors[sector + at / Sectors.BYTES] = Arrays.equals(written, ZEROES) ? ZEROES : written;
        }
    }

    void set(SmallSectors all) {
        set(0, all, sectors.length);
    }

    void set(int first, SmallSectors from, int count) {
        System.arraycopy(from.sectors, first, sectors, first, count);
    }

    byte[] get(int sector) {
        return sectors[sector];
    }

    byte[] get(int first, int count) {
        byte[] bytes = new byte[count * Sectors.BYTES];
        for (int i = 0; i < count; i++) {
            System.arraycopy(sectors[first + i], 0, bytes, i * Sectors.BYTES, Sectors.BYTES);
        }
        return bytes;
    }

    /** Whether they hold the same. */
    boolean isSame(SmallSectors other) {
        for (int i = 0; i < sectors.length; i++) {
            if (!Arrays.equals(sectors[i], other.sectors[i])) {
                return false;
            }
        }
        return true;
    }
}
