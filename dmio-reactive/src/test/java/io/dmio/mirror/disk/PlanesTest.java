package io.dmio.mirror.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** The bitmap's bytes are as drawn; the newest whole copy of each sector counts. */
class PlanesTest {

    private static final UUID MIRROR = new UUID(1, 2);

    @Test
    void theBytesAreAsDrawn() {
        Planes planes = written(100);
        planes.set(Planes.stale(2), 9);
        byte[] unit = encoded(planes, Planes.stale(2), 0);
        assertThat(HexFormat.of().formatHex(unit, 0, 20))
                .isEqualTo("0100000000000000" + "3b0cf5b9" + "03000000" + "00020000");
    }

    @Test
    void bitsSurviveAtEverySectorAndUnitBorder() {
        for (int chunks : new int[] {1, 31, 32, 33, 63, 64, 65, 3967, 3968, 3969, 31_743, 31_744, 31_745}) {
            Planes planes = written(chunks);
            int[] set = {0, chunks / 2, chunks - 1};
            for (int chunk : set) {
                planes.set(Planes.DIRTY, chunk);
                planes.set(Planes.stale(15), chunk);
            }
            Planes read = new Planes(MIRROR, chunks);
            copy(planes, read);
            assertThat(read.count(Planes.DIRTY)).isEqualTo(planes.count(Planes.DIRTY));
            for (int chunk : set) {
                assertThat(read.get(Planes.stale(15), chunk)).isTrue();
            }
            assertThat(read.count(Planes.stale(14))).isZero();
        }
    }

    @Test
    void theNewestCopyOfASectorCountsWhicheverIsReadFirst() {
        Planes planes = written(10);
        byte[] old = encoded(planes, Planes.DIRTY, 0);
        planes.nextBatch(0);
        planes.set(Planes.DIRTY, 3);
        byte[] newer = encoded(planes, Planes.DIRTY, 0);
        Planes read = new Planes(MIRROR, 10);
        read.decode(Planes.DIRTY, 0, Unpooled.wrappedBuffer(newer));
        read.decode(Planes.DIRTY, 0, Unpooled.wrappedBuffer(old));
        assertThat(read.get(Planes.DIRTY, 3)).isTrue();
    }

    @Test
    void aSectorThatNobodyHasWholeCountsAsSet() {
        Planes planes = written(5000);
        byte[] unit = encoded(planes, Planes.DIRTY, 0);
        unit[600] ^= 1; // in the second sector
        Planes read = new Planes(MIRROR, 5000);
        copy(planes, read);
        Planes torn = new Planes(MIRROR, 5000);
        torn.decode(Planes.DIRTY, 0, Unpooled.wrappedBuffer(unit));
        torn.setUnread();
        read.setUnread();
        assertThat(read.count(Planes.DIRTY)).isZero();
        assertThat(torn.count(Planes.DIRTY)).isEqualTo(5000 - 3968);
        assertThat(torn.next(Planes.DIRTY, 0)).isEqualTo(3968);
    }

    @Test
    void aUnitOfAnotherMirrorOrPlaceIsNotTaken() {
        Planes planes = written(10);
        planes.set(Planes.DIRTY, 3);
        ByteBuf unit = Unpooled.wrappedBuffer(encoded(planes, Planes.DIRTY, 0));
        Planes other = new Planes(new UUID(1, 3), 10);
        other.decode(Planes.DIRTY, 0, unit);
        Planes elsewhere = new Planes(MIRROR, 10);
        elsewhere.decode(Planes.stale(0), 0, unit);
        assertThat(other.count(Planes.DIRTY)).isZero();
        assertThat(elsewhere.count(Planes.stale(0))).isZero();
    }

    @Test
    void aSequenceThatNobodyCountedUpToIsNotTaken() {
        Planes planes = written(10);
        byte[] unit = encoded(planes, Planes.DIRTY, 0);
        LittleEndian.putLong(unit, 0, Long.MAX_VALUE); // the next one would be older
        LittleEndian.putInt(unit, 8, crcOfFirstSector(unit));
        Planes read = new Planes(MIRROR, 10);
        read.decode(Planes.DIRTY, 0, Unpooled.wrappedBuffer(unit));
        read.setUnread();
        assertThat(read.count(Planes.DIRTY)).isEqualTo(10);
    }

    private static int crcOfFirstSector(byte[] unit) {
        byte[] proved = new byte[24 + 512];
        LittleEndian.putLong(proved, 0, MIRROR.getMostSignificantBits());
        LittleEndian.putLong(proved, 8, MIRROR.getLeastSignificantBits());
        System.arraycopy(unit, 0, proved, 24, 512);
        LittleEndian.putInt(proved, 24 + 8, 0);
        CRC32C crc = new CRC32C();
        crc.update(proved);
        return (int) crc.getValue();
    }

    @Test
    void onlyWhatChangedIsWritten() {
        Planes planes = written(70_000);
        planes.takeChanged();
        planes.set(Planes.DIRTY, 40_000);
        assertThat(planes.takeChanged().stream()).containsExactly(1);
        assertThat(planes.set(Planes.DIRTY, 40_000)).isFalse();
        assertThat(planes.takeChanged().isEmpty()).isTrue();
    }

    @Test
    void grownPlanesKeepTheirBitsAndHaveClearNewOnes() {
        Planes planes = written(3000);
        planes.set(Planes.stale(1), 2999);
        Planes wider = planes.grown(40_000);
        assertThat(wider.count(Planes.stale(1))).isEqualTo(1);
        Planes read = new Planes(MIRROR, 40_000);
        copy(wider, read);
        read.setUnread();
        assertThat(read.count(Planes.stale(1))).isEqualTo(1);
        assertThat(read.count(Planes.DIRTY)).isZero();
    }

    private static Planes written(int chunks) {
        Planes planes = new Planes(MIRROR, chunks);
        planes.begin();
        return planes;
    }

    private static void copy(Planes from, Planes to) {
        for (int plane = 0; plane < Planes.COUNT; plane++) {
            for (int unit = 0; unit < from.units(); unit++) {
                to.decode(plane, unit, Unpooled.wrappedBuffer(encoded(from, plane, unit)));
            }
        }
    }

    private static byte[] encoded(Planes planes, int plane, int unit) {
        byte[] bytes = new byte[LegLayout.SLOT_BYTES];
        planes.encode(plane, unit, Unpooled.wrappedBuffer(bytes));
        return bytes;
    }
}
