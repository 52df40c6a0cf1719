package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.LittleEndian;
import io.dmio.mirror.disk.Membership;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * An owner's sign of life on a leg; it moves while the owner lives. All of it is in the block's first sector, so a torn
 * write leaves the old mark or the new one.
 *
 * <pre>
 *       0  magic:8 "dmioOWN1" | crc:4 | state:4 (1 taking, 2 held, 3 closed in good order)
 *      16  mirror uuid:16 | owner uuid:16
 *      48  beat:8 | interval:8 ns | patience:4 | zeroes:4
 *      72  process:8 | boot:16 | host:64 UTF-8
 *     160  zeroes up to 4096                                                     (numbers are little endian)
 * </pre>
 *
 * The crc (CRC32C) covers all 4,096 bytes with crc zero.
 *
 * @param mirror the mirror whose legs are owned
 * @param owner who owns them
 * @param boot the run of the kernel that knows the process; zeroes if unknown
 * @param terms what the owner promises
 * @param beat counts marks
 * @param proven whether the owner held the legs when it wrote the mark; if not, it may have written over another's mark
 */
record OwnerMark(UUID mirror, MirrorOwner owner, UUID boot, OwnerTerms terms, long beat, boolean proven) {

    static final UUID BOOT_UNKNOWN = new UUID(0, 0);

    private static final long MAGIC = 0x314E_574F_6F69_6D64L; // "dmioOWN1"
    private static final int CRC_AT = 8;
    private static final int STATE_AT = 12;
    private static final int MIRROR_AT = 16;
    private static final int OWNER_AT = 32;
    private static final int BEAT_AT = 48;
    private static final int INTERVAL_AT = 56;
    private static final int PATIENCE_AT = 64;
    private static final int PROCESS_AT = 72;
    private static final int BOOT_AT = 80;
    private static final int HOST_AT = 96;
    private static final int HOST_BYTES = 64;
    private static final int TAKING = 1;
    private static final int HELD = 2;
    private static final int CLOSED = 3;

    /** Returns an owner's first mark, which is not written yet. */
    static OwnerMark first(UUID mirror, OwnerHost here, UUID id, OwnerTerms terms) {
        MirrorOwner owner = new MirrorOwner(id, cut(here.name()), here.process(), true);
        return new OwnerMark(mirror, owner, here.boot(), terms, 0, false);
    }

    /** Returns the same mark, to come after so many beats. */
    OwnerMark after(long beats) {
        return new OwnerMark(mirror, owner, boot, terms, beats, false);
    }

    /** Returns this owner's next mark. */
    OwnerMark next(boolean held) {
        return new OwnerMark(mirror, owner, boot, terms, beat + 1, held);
    }

    /** Returns the same mark of an owner that promises something else. */
    OwnerMark promising(OwnerTerms other) {
        return new OwnerMark(mirror, owner, boot, other, beat, proven);
    }

    /** Returns this owner's last mark. */
    OwnerMark closed() {
        return new OwnerMark(mirror, owner.closed(), boot, terms, beat + 1, true);
    }

    boolean isBy(OwnerMark other) {
        return owner.id().equals(other.owner.id());
    }

    /** Whether its owner holds the legs, as far as all these say: a leg that was out has not seen that its owner went. */
    boolean isHeldBeside(List<Sight> all) {
        return owner.open()
                && all.stream()
                        .map(Sight::mark)
                        .noneMatch(
                                other -> other != null && other.isBy(this) && !other.owner.open() && other.beat > beat);
    }

    /** Returns the error for a start that finds this owner there, and for an owner that has lost the legs to it. */
    DeviceException refusal(String leg) {
        return DeviceException.of(
                Errno.EBUSY, leg, "the mirror is open elsewhere, by " + owner.words(), MirrorRefusal.OPEN_ELSEWHERE);
    }

    /** Returns the error for an owner that cannot know whether another had the mirror meanwhile. */
    static DeviceException heldUp(String mirror) {
        return DeviceException.of(
                Errno.EBUSY,
                mirror,
                "took too long to renew its owner's mark, so that another may have had the mirror: open it anew");
    }

    /** Returns the error for an owner that could not renew its mark in time, and whose mark is gone from a leg. */
    static DeviceException gone(String mirror) {
        return DeviceException.of(
                Errno.EBUSY,
                mirror,
                "could not renew its owner's mark, and it is gone from a leg, so that another may have had the mirror: open it anew");
    }

    /** The block's 4,096 bytes. */
    byte[] encode() {
        byte[] bytes = new byte[LegLayout.SLOT_BYTES];
        LittleEndian.putLong(bytes, 0, MAGIC);
        LittleEndian.putInt(bytes, STATE_AT, !owner.open() ? CLOSED : proven ? HELD : TAKING);
        LittleEndian.putUuid(bytes, MIRROR_AT, mirror);
        LittleEndian.putUuid(bytes, OWNER_AT, owner.id());
        LittleEndian.putLong(bytes, BEAT_AT, beat);
        LittleEndian.putLong(bytes, INTERVAL_AT, terms.intervalNanos());
        LittleEndian.putInt(bytes, PATIENCE_AT, terms.patience());
        LittleEndian.putLong(bytes, PROCESS_AT, owner.process());
        LittleEndian.putUuid(bytes, BOOT_AT, boot);
        byte[] host = owner.host().getBytes(StandardCharsets.UTF_8);
        System.arraycopy(host, 0, bytes, HOST_AT, host.length);
        LittleEndian.putInt(bytes, CRC_AT, crc(bytes));
        return bytes;
    }

    /** Whether a block carries a mark, whole or not. */
    static boolean isMarked(byte[] block) {
        return LittleEndian.getLong(block, 0) == MAGIC;
    }

    /** A block's mark; null if it carries none that is whole. */
    static @Nullable OwnerMark decode(byte[] block) {
        int state = LittleEndian.getInt(block, STATE_AT);
        long beat = LittleEndian.getLong(block, BEAT_AT);
        long interval = LittleEndian.getLong(block, INTERVAL_AT);
        int patience = LittleEndian.getInt(block, PATIENCE_AT);
        boolean whole = isMarked(block)
                && LittleEndian.getInt(block, CRC_AT) == crc(block)
                && state >= TAKING
                && state <= CLOSED
                && Membership.counts(beat)
                && OwnerTerms.canBe(interval, patience);
        if (!whole) {
            return null;
        }
        int length = 0;
        while (length < HOST_BYTES && block[HOST_AT + length] != 0) {
            length++;
        }
        MirrorOwner owner = new MirrorOwner(
                LittleEndian.getUuid(block, OWNER_AT),
                new String(block, HOST_AT, length, StandardCharsets.UTF_8),
                LittleEndian.getLong(block, PROCESS_AT),
                state != CLOSED);
        return new OwnerMark(
                LittleEndian.getUuid(block, MIRROR_AT),
                owner,
                LittleEndian.getUuid(block, BOOT_AT),
                OwnerTerms.of(interval, patience),
                beat,
                state != TAKING);
    }

    private static String cut(String host) {
        String rest = host;
        while (rest.getBytes(StandardCharsets.UTF_8).length > HOST_BYTES) {
            rest = rest.substring(0, rest.offsetByCodePoints(rest.length(), -1));
        }
        return rest;
    }

    private static int crc(byte[] block) {
        byte[] without = Arrays.copyOf(block, LegLayout.SLOT_BYTES);
        LittleEndian.putInt(without, CRC_AT, 0);
        CRC32C crc = new CRC32C();
        crc.update(without);
        return (int) crc.getValue();
    }
}
