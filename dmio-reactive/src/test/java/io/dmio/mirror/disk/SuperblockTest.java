package io.dmio.mirror.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.DeviceException;
import io.dmio.mirror.disk.LegRecord.State;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A superblock's bytes are as drawn, and a leg is refused where they are not. */
class SuperblockTest {

    private static final UUID MIRROR = new UUID(0x1111_2222_3333_4444L, 0x5555_6666_7777_8888L);
    private static final UUID LEG = new UUID(0x0102_0304_0506_0708L, 0x090A_0B0C_0D0E_0F10L);
    private static final long SECTORS = 4096;

    @Test
    void theBytesAreAsDrawn() {
        byte[] slot = superblock(7).encode();
        assertThat(hex(slot, 0, 16)).isEqualTo("646d696f4d495231" + "02000000" + "34a58733");
        assertThat(hex(slot, 16, 32))
                .isEqualTo("44443333222211118888777766665555" + "0807060504030201100f0e0d0c0b0a09");
        assertThat(hex(slot, 48, 32))
                .isEqualTo("0700000000000000" + "2a00000000000000" + "0010000000000000" + "0008000000000000");
        assertThat(hex(slot, 80, 48))
                .isEqualTo(
                        "80000000" + "01000000" + "03000000" + "02000000" + "02000000" + "08000000" + "00".repeat(24));
        assertThat(hex(slot, 128, 80)).isEqualTo("00".repeat(32) + "ff".repeat(8) + "00".repeat(40)); // a free slot
        assertThat(hex(slot, 128 + 3 * 80, 48))
                .isEqualTo("0807060504030201100f0e0d0c0b0a09" + "01000000" + "01000000" + "0500000000000000"
                        + "0600000000000000" + "612e696d67000000");
        assertThat(hex(slot, 1408, 24)).isEqualTo("0900000000000000" + "0800000000000000" + "00".repeat(8));
        assertThat(slot).hasSize(4096);
    }

    @Test
    void whatIsWrittenIsReadBack() {
        Superblock written = superblock(7);
        assertThat(Superblock.newest("a.img", SECTORS, List.of(written.encode(), new byte[4096]))
                        .superblock())
                .isEqualTo(written);
    }

    @Test
    void theNewerOfTwoWholeSlotsCountsAndItsPlaceIsKnown() {
        assertThat(Superblock.newest(
                                "a.img",
                                SECTORS,
                                List.of(superblock(7).encode(), superblock(8).encode()))
                        .slot())
                .isOne();
        List<byte[]> slots = List.of(superblock(8).encode(), superblock(7).encode());
        assertThat(Superblock.newest("a.img", SECTORS, slots).slot()).isZero();
        assertThat(Superblock.newest("a.img", SECTORS, slots)
                        .superblock()
                        .membership()
                        .generation())
                .isEqualTo(8);
    }

    @Test
    void aTornSlotLeavesTheOther() {
        byte[] newer = superblock(8).encode();
        Arrays.fill(newer, 512, 1024, (byte) 0xEE);
        List<byte[]> slots = List.of(newer, superblock(7).encode());
        assertThat(Superblock.newest("a.img", SECTORS, slots)
                        .superblock()
                        .membership()
                        .generation())
                .isEqualTo(7);
    }

    @Test
    void everyFlippedBitIsNoticed() {
        byte[] slot = superblock(7).encode();
        for (int bit = 64; bit < slot.length * 8; bit += 61) {
            slot[bit / 8] ^= (byte) (1 << bit % 8);
            List<byte[]> slots = List.of(slot.clone(), new byte[4096]);
            assertThatThrownBy(() -> Superblock.newest("a.img", SECTORS, slots))
                    .hasMessageContaining("torn or damaged");
            slot[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }

    @Test
    void aLegThatCarriesNothingIsRefusedByName() {
        refuses(new byte[4096], SECTORS, "a.img: carries no mirror");
    }

    @Test
    void aNewerFormatIsRefusedByItsNumber() {
        byte[] slot = superblock(7).encode();
        LittleEndian.putInt(slot, 8, 3);
        LittleEndian.putInt(slot, 12, 0);
        java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
        crc.update(slot);
        LittleEndian.putInt(slot, 12, (int) crc.getValue());
        refuses(slot, SECTORS, "format 3, and this program knows format 2: use a newer one");
    }

    @Test
    void aLegOfAnotherSizeIsRefused() {
        refuses(superblock(7).encode(), SECTORS - 8, "has 2044 KiB, and its superblock says 2 MiB");
    }

    @Test
    void sizesAndCountsThatCannotBeAreRefusedThoughTheChecksumIsRight() {
        long room = LegLayout.room(SECTORS, 128);
        taken(7, room, 128);
        refused(7, room + 8, 128); // data would run into the bitmap
        refused(7, Long.MAX_VALUE, 128);
        refused(7, -1, 128);
        refused(7, 2048, 0);
        refused(7, 2048, Integer.MAX_VALUE);
        refused(Long.MAX_VALUE, 2048, 128); // the next one would be older
        refused(-1, 2048, 128);
    }

    private static void taken(long generation, long dataSectors, int chunkSectors) {
        byte[] slot = superblock(generation, dataSectors, chunkSectors).encode();
        assertThat(Superblock.newest("a.img", SECTORS, List.of(slot, new byte[4096]))
                        .slot())
                .isZero();
    }

    private static void refused(long generation, long dataSectors, int chunkSectors) {
        refuses(superblock(generation, dataSectors, chunkSectors).encode(), SECTORS, "says what cannot be");
    }

    @Test
    void aLongNameKeepsItsEnd() {
        LegRecord record = new LegRecord(
                LEG, State.IN, false, LegMarks.NONE, "/very/long/path/of/a/leg/that/does/not/fit/ä/b.img");
        assertThat(record.name()).endsWith("/ä/b.img").hasSizeLessThanOrEqualTo(LegRecord.NAME_BYTES);
    }

    @Test
    void aMembershipDescendsFromEveryLineageItRemembersAndNoOther() {
        Membership first = superblock(7).membership();
        Membership second = first.drop(3, first.leg(3).with(State.OUT), 100);
        Membership other = first.drop(3, first.leg(3).with(State.OUT), 200);
        assertThat(second.descendsFrom(first)).isTrue();
        assertThat(first.descendsFrom(second)).isFalse();
        assertThat(second.descendsFrom(other)).isFalse();
        Membership late = second;
        for (int i = 0; i < Membership.HISTORY_MAX; i++) {
            late = late.drop(3, first.leg(3).with(State.OUT), 1000 + i);
        }
        assertThat(late.history()).hasSize(Membership.HISTORY_MAX);
        assertThat(late.descendsFrom(second)).isTrue();
        assertThat(late.drop(3, first.leg(3).with(State.OUT), 1).descendsFrom(second))
                .isFalse();
        assertThat(new Superblock(late, 3, SECTORS).encode()).hasSize(4096);
    }

    private static Superblock superblock(long generation) {
        return superblock(generation, 2048, 128);
    }

    private static Superblock superblock(long generation, long dataSectors, int chunkSectors) {
        Membership first = Membership.first(MIRROR, 42, dataSectors, chunkSectors, 2)
                .with(3, new LegRecord(LEG, State.IN, true, new LegMarks(5, 6), "a.img"));
        List<Long> history = List.of(9L, 8L);
        Membership membership = new Membership(
                MIRROR, generation, 42, history, dataSectors, chunkSectors, 8, 2, true, false, first.legs());
        return new Superblock(membership, 3, SECTORS);
    }

    private static void refuses(byte[] slot, long sectors, String why) {
        assertThatThrownBy(() -> Superblock.newest("a.img", sectors, List.of(slot, new byte[4096])))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining(why);
    }

    private static String hex(byte[] bytes, int at, int count) {
        return HexFormat.of().formatHex(bytes, at, at + count);
    }
}
