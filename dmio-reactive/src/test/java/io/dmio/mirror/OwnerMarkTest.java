package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.mirror.disk.LittleEndian;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** An owner's mark is as drawn, and what is none is not taken for one. */
class OwnerMarkTest {

    private static final UUID MIRROR = new UUID(0x1111_2222_3333_4444L, 0x5555_6666_7777_8888L);
    private static final UUID OWNER = new UUID(0x0102_0304_0506_0708L, 0x090A_0B0C_0D0E_0F10L);
    private static final UUID BOOT = new UUID(0x2122_2324_2526_2728L, 0x292A_2B2C_2D2E_2F30L);
    private static final OwnerMark MARK = new OwnerMark(
            MIRROR,
            new MirrorOwner(OWNER, "alpha", 4711, true),
            BOOT,
            OwnerTerms.of(TimeUnit.SECONDS.toNanos(1), 10),
            7,
            true);

    @Test
    void theBytesAreAsDrawn() {
        byte[] block = MARK.encode();
        assertThat(block).hasSize(4096);
        assertThat(hex(block, 0, 8)).isEqualTo("646d696f4f574e31");
        assertThat(hex(block, 8, 8)).isEqualTo("84c3d7d0" + "02000000");
        assertThat(hex(block, 16, 32))
                .isEqualTo("44443333222211118888777766665555" + "0807060504030201100f0e0d0c0b0a09");
        assertThat(hex(block, 48, 24)).isEqualTo("0700000000000000" + "00ca9a3b00000000" + "0a000000" + "00000000");
        assertThat(hex(block, 72, 24)).isEqualTo("6712000000000000" + "2827262524232221302f2e2d2c2b2a29");
        assertThat(hex(block, 96, 64)).isEqualTo("616c706861" + "00".repeat(59));
        assertThat(hex(block, 160, 4096 - 160)).isEqualTo("00".repeat(4096 - 160));
        assertThat(hex(MARK.closed().encode(), 12, 4)).isEqualTo("03000000");
    }

    @Test
    void whatIsWrittenIsReadBack() {
        assertThat(OwnerMark.decode(MARK.encode())).isEqualTo(MARK);
        assertThat(OwnerMark.decode(MARK.closed().encode())).isEqualTo(MARK.closed());
        assertThat(OwnerMark.decode(MARK.next(false).encode())).isEqualTo(MARK.next(false));
    }

    @Test
    void aBlockOfZeroesIsNoMark() {
        assertThat(OwnerMark.isMarked(new byte[4096])).isFalse();
        assertThat(OwnerMark.decode(new byte[4096])).isNull();
    }

    @Test
    void everyFlippedBitIsNoticed() {
        byte[] block = MARK.encode();
        for (int bit = 0; bit < block.length * 8; bit += 37) {
            block[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(OwnerMark.decode(block)).as("bit %d", bit).isNull();
            block[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }

    @Test
    void aMarkThatWasTornAfterItsFirstSectorIsWhole() {
        byte[] torn = MARK.encode();
        System.arraycopy(MARK.next(true).encode(), 0, torn, 0, 512);
        assertThat(OwnerMark.decode(torn)).isEqualTo(MARK.next(true));
    }

    @Test
    void termsThatCannotBeMakeItNoMark() {
        for (long interval : new long[] {0, -1, TimeUnit.HOURS.toNanos(2)}) {
            assertThat(OwnerMark.decode(changed(56, interval))).isNull();
        }
        assertThat(OwnerMark.decode(changed(48, -1))).isNull();
        assertThat(OwnerMark.decode(changed(64, 1))).isNull();
        assertThat(OwnerMark.decode(changed(64, 1001))).isNull();
        assertThat(OwnerMark.decode(changed(64, 2))).isNotNull();
    }

    @Test
    void itTellsWhoInWords() {
        assertThat(MARK.owner().words()).isEqualTo("process 4711 on host alpha (owner 01020304)");
    }

    private static byte[] changed(int at, long number) {
        byte[] block = MARK.encode();
        LittleEndian.putLong(block, at, number);
        LittleEndian.putInt(block, 8, 0);
        CRC32C crc = new CRC32C();
        crc.update(block);
        LittleEndian.putInt(block, 8, (int) crc.getValue());
        return block;
    }

    private static String hex(byte[] bytes, int at, int count) {
        return HexFormat.of().formatHex(Arrays.copyOfRange(bytes, at, at + count));
    }
}
