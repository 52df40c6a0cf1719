package io.dmio.mirror.disk;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.disk.LegRecord.State;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * One leg's superblock. It is written to the slot that does not hold the newest one, so a torn write leaves the previous one.
 *
 * <pre>
 *       0  magic:8 "dmioMIR1" | version:4 = 2 | crc:4
 *      16  mirror uuid:16 | leg uuid:16
 *      48  generation:8 | lineage:8 | leg sectors:8 | data sectors:8
 *      80  chunk sectors:4 | flags:4 (bit 0 clean, 1 outnumbered) | own index:4 | legs min:4 | history count:4 | block sectors:4 | zeroes
 *     128  legs: 16 x ( uuid:16 | state:4 (0 free, 1 in, 2 out) | flags:4 (bit 0 write mostly)
 *                       | left, from batch:8, to batch:8 | name:40 UTF-8 )
 *    1408  history: 128 x lineage:8, newest first
 *    2432  zeroes up to 4096                                                     (numbers are little endian)
 * </pre>
 *
 * The crc (CRC32C) covers all 4,096 bytes with crc zero.
 *
 * @param membership what all legs are told
 * @param index this leg's slot
 * @param legSectors this leg's size when it was written
 */
public record Superblock(Membership membership, int index, long legSectors) {

    static final int VERSION = 2;

    private static final long MAGIC = 0x3152_494D_6F69_6D64L; // "dmioMIR1"
    private static final int VERSION_AT = 8;
    private static final int CRC_AT = 12;
    private static final int MIRROR_AT = 16;
    private static final int LEG_AT = 32;
    private static final int GENERATION_AT = 48;
    private static final int LINEAGE_AT = 56;
    private static final int LEG_SECTORS_AT = 64;
    private static final int DATA_SECTORS_AT = 72;
    private static final int CHUNK_SECTORS_AT = 80;
    private static final int FLAGS_AT = 84;
    private static final int INDEX_AT = 88;
    private static final int LEGS_MIN_AT = 92;
    private static final int HISTORY_COUNT_AT = 96;
    private static final int BLOCK_SECTORS_AT = 100;
    private static final int LEGS_AT = 128;
    private static final int LEG_BYTES = 80;
    private static final int CLEAN = 1;
    private static final int OUTNUMBERED = 2;
    private static final int LEG_STATE_AT = 16;
    private static final int LEG_FLAGS_AT = 20;
    private static final int LEG_LEFT_AT = 24;
    private static final int LEG_NAME_AT = 40;
    private static final int HISTORY_AT = LEGS_AT + LEG_BYTES * LegLayout.LEGS_MAX;

    public UUID leg() {
        return membership.leg(index).id();
    }

    /** The slot's 4,096 bytes. */
    public byte[] encode() {
        byte[] bytes = new byte[LegLayout.SLOT_BYTES];
        LittleEndian.putLong(bytes, 0, MAGIC);
        LittleEndian.putInt(bytes, VERSION_AT, VERSION);
        LittleEndian.putUuid(bytes, MIRROR_AT, membership.mirror());
        LittleEndian.putUuid(bytes, LEG_AT, leg());
        LittleEndian.putLong(bytes, GENERATION_AT, membership.generation());
        LittleEndian.putLong(bytes, LINEAGE_AT, membership.lineage());
        LittleEndian.putLong(bytes, LEG_SECTORS_AT, legSectors);
        LittleEndian.putLong(bytes, DATA_SECTORS_AT, membership.dataSectors());
        LittleEndian.putInt(bytes, CHUNK_SECTORS_AT, membership.chunkSectors());
        LittleEndian.putInt(
                bytes, FLAGS_AT, (membership.clean() ? CLEAN : 0) | (membership.outnumbered() ? OUTNUMBERED : 0));
        LittleEndian.putInt(bytes, INDEX_AT, index);
        LittleEndian.putInt(bytes, LEGS_MIN_AT, membership.legsMin());
        LittleEndian.putInt(bytes, HISTORY_COUNT_AT, membership.history().size());
        LittleEndian.putInt(bytes, BLOCK_SECTORS_AT, membership.blockSectors());
        for (int i = 0; i < LegLayout.LEGS_MAX; i++) {
            putLeg(bytes, LEGS_AT + i * LEG_BYTES, membership.leg(i));
        }
        for (int i = 0; i < membership.history().size(); i++) {
            LittleEndian.putLong(
                    bytes, HISTORY_AT + i * Long.BYTES, membership.history().get(i));
        }
        LittleEndian.putInt(bytes, CRC_AT, crc(bytes));
        return bytes;
    }

    /** Whether a slot carries a mirror's mark, whole or not. */
    public static boolean isMarked(byte[] slot) {
        return LittleEndian.getLong(slot, 0) == MAGIC;
    }

    /** Whether neither slot says whose the leg is, except that one may be a torn first superblock of this mirror. */
    public static boolean isNameless(List<byte[]> slots, UUID mirror) {
        return slots.stream()
                .filter(Superblock::isMarked)
                .noneMatch(slot -> crcIsRight(slot)
                        || !LittleEndian.getUuid(slot, MIRROR_AT).equals(mirror));
    }

    /**
     * Returns the slot to be removed first, so that the other one alone never says what has long not been true: the older of two. If only one is
     * whole, it is that one: a slot that is torn, cannot be read, or is of another version may be newer.
     */
    public static int firstToGo(List<byte[]> slots) {
        byte[] zero = slots.get(0);
        byte[] one = slots.get(1);
        boolean both = isWhole(zero) && isWhole(one);
        boolean isOlder = LittleEndian.getLong(zero, GENERATION_AT) < LittleEndian.getLong(one, GENERATION_AT);
        return both ? (isOlder ? 0 : 1) : isWhole(zero) ? 0 : 1;
    }

    private static boolean isWhole(byte[] slot) {
        return isMarked(slot) && LittleEndian.getInt(slot, VERSION_AT) == VERSION && crcIsRight(slot);
    }

    /** A superblock, and the slot it stands in. */
    public record Found(Superblock superblock, int slot) {}

    /**
     * Returns the newer of a leg's whole slots.
     *
     * @param device the leg's name, for refusals
     * @param sectors the leg's size
     * @param slots both, as read
     * @throws DeviceException if there is none: foreign, torn in both, or of a newer version
     */
    public static Found newest(String device, long sectors, List<byte[]> slots) {
        List<byte[]> marked = slots.stream().filter(Superblock::isMarked).toList();
        if (marked.isEmpty()) {
            throw refuse(Errno.EINVAL, device, "carries no mirror: no superblock at its end; never a leg, or resized");
        }
        for (byte[] slot : marked) {
            int version = LittleEndian.getInt(slot, VERSION_AT);
            if (version != VERSION && crcIsRight(slot)) {
                throw refuse(
                        Errno.EINVAL,
                        device,
                        "carries a mirror of format " + version + ", and this program knows format " + VERSION
                                + (version > VERSION ? ": use a newer one" : " only"));
            }
        }
        Superblock newest = null;
        int at = -1;
        for (int i = 0; i < slots.size(); i++) {
            byte[] slot = slots.get(i);
            if (isMarked(slot) && crcIsRight(slot)) {
                Superblock one = decode(device, slot);
                boolean newer = newest == null || one.membership.generation() > newest.membership.generation();
                newest = newer ? one : newest;
                at = newer ? i : at;
            }
        }
        if (newest == null) {
            throw refuse(
                    Errno.EILSEQ,
                    device,
                    "both superblocks are torn or damaged (checksum): replace the leg, or add it as a new one");
        }
        if (newest.legSectors != sectors) {
            throw refuse(
                    Errno.EINVAL,
                    device,
                    "has " + SizeText.of(sectors) + ", and its superblock says " + SizeText.of(newest.legSectors)
                            + ": truncated, or copied to a device of another size");
        }
        return new Found(newest, at);
    }

    private static Superblock decode(String device, byte[] slot) {
        List<LegRecord> legs = new ArrayList<>();
        for (int i = 0; i < LegLayout.LEGS_MAX; i++) {
            legs.add(leg(slot, LEGS_AT + i * LEG_BYTES));
        }
        int index = LittleEndian.getInt(slot, INDEX_AT);
        int historyCount = LittleEndian.getInt(slot, HISTORY_COUNT_AT);
        int chunkSectors = LittleEndian.getInt(slot, CHUNK_SECTORS_AT);
        int blockSectors = LittleEndian.getInt(slot, BLOCK_SECTORS_AT);
        long legSectors = LittleEndian.getLong(slot, LEG_SECTORS_AT);
        long dataSectors = LittleEndian.getLong(slot, DATA_SECTORS_AT);
        boolean sane = index >= 0
                && index < LegLayout.LEGS_MAX
                && historyCount >= 0
                && historyCount <= Membership.HISTORY_MAX
                && Membership.isBlock(blockSectors)
                && LegLayout.holds(legSectors, chunkSectors, dataSectors)
                && Membership.counts(LittleEndian.getLong(slot, GENERATION_AT))
                && legs.get(index).id().equals(LittleEndian.getUuid(slot, LEG_AT));
        if (!sane) {
            throw refuse(Errno.EINVAL, device, "has a superblock that says what cannot be; it was not written by dmio");
        }
        List<Long> history = new ArrayList<>();
        for (int i = 0; i < historyCount; i++) {
            history.add(LittleEndian.getLong(slot, HISTORY_AT + i * Long.BYTES));
        }
        Membership membership = new Membership(
                LittleEndian.getUuid(slot, MIRROR_AT),
                LittleEndian.getLong(slot, GENERATION_AT),
                LittleEndian.getLong(slot, LINEAGE_AT),
                history,
                dataSectors,
                chunkSectors,
                blockSectors,
                LittleEndian.getInt(slot, LEGS_MIN_AT),
                (LittleEndian.getInt(slot, FLAGS_AT) & CLEAN) != 0,
                (LittleEndian.getInt(slot, FLAGS_AT) & OUTNUMBERED) != 0,
                legs);
        return new Superblock(membership, index, legSectors);
    }

    private static void putLeg(byte[] bytes, int at, LegRecord leg) {
        LittleEndian.putUuid(bytes, at, leg.id());
        LittleEndian.putInt(bytes, at + LEG_STATE_AT, leg.state().code());
        LittleEndian.putInt(bytes, at + LEG_FLAGS_AT, leg.writeMostly() ? 1 : 0);
        LittleEndian.putLong(bytes, at + LEG_LEFT_AT, leg.left().from());
        LittleEndian.putLong(bytes, at + LEG_LEFT_AT + Long.BYTES, leg.left().to());
        byte[] name = leg.name().getBytes(StandardCharsets.UTF_8);
        System.arraycopy(name, 0, bytes, at + LEG_NAME_AT, name.length);
    }

    private static LegRecord leg(byte[] bytes, int at) {
        int state = LittleEndian.getInt(bytes, at + LEG_STATE_AT);
        int length = 0;
        while (length < LegRecord.NAME_BYTES && bytes[at + LEG_NAME_AT + length] != 0) {
            length++;
        }
        return new LegRecord(
                LittleEndian.getUuid(bytes, at),
                State.of(state),
                (LittleEndian.getInt(bytes, at + LEG_FLAGS_AT) & 1) != 0,
                new LegMarks(
                        LittleEndian.getLong(bytes, at + LEG_LEFT_AT),
                        LittleEndian.getLong(bytes, at + LEG_LEFT_AT + Long.BYTES)),
                new String(bytes, at + LEG_NAME_AT, length, StandardCharsets.UTF_8));
    }

    private static boolean crcIsRight(byte[] slot) {
        return LittleEndian.getInt(slot, CRC_AT) == crc(slot);
    }

    private static int crc(byte[] slot) {
        byte[] without = slot.clone();
        LittleEndian.putInt(without, CRC_AT, 0);
        CRC32C crc = new CRC32C();
        crc.update(without);
        return (int) crc.getValue();
    }

    private static DeviceException refuse(Errno errno, String device, String why) {
        return DeviceException.of(errno, device, why);
    }
}
