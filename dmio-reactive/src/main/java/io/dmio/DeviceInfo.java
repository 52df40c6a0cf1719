package io.dmio;

import io.dmio.memory.Views;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The description of a device: what it promises while it is open. Constant, so a plan made from it stays true.
 *
 * @param name the name for messages and metrics: a path, a URI, a word
 * @param sectorCount size in sectors; whole blocks
 * @param logicalBlockBytes smallest I/O and its alignment on the device: a power of two, at least 512
 * @param physicalBlockBytes smallest I/O without read-modify-write inside the device
 * @param transferBytesMax largest read or write in one operation; whole blocks
 * @param memoryAlignmentBytes the alignment of address and length at which memory goes to the device without a copy; 1 for any
 *     memory
 * @param capabilities what the device can do beyond reads and writes
 * @param engine what carries out the I/O: {@code posix}, {@code uring}, {@code memory}, …
 */
public record DeviceInfo(
        String name,
        long sectorCount,
        int logicalBlockBytes,
        int physicalBlockBytes,
        int transferBytesMax,
        int memoryAlignmentBytes,
        Set<Capability> capabilities,
        String engine) {

    /** Checks that the numbers are consistent. */
    public DeviceInfo {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(engine, "engine");
        capabilities = immutable(Objects.requireNonNull(capabilities, "capabilities"));
        Sectors.end(0, sectorCount);
        powerOfTwo("logicalBlockBytes", logicalBlockBytes, Sectors.BYTES);
        powerOfTwo("physicalBlockBytes", physicalBlockBytes, logicalBlockBytes);
        powerOfTwo("memoryAlignmentBytes", memoryAlignmentBytes, 1);
        if (transferBytesMax < logicalBlockBytes || transferBytesMax % logicalBlockBytes != 0) {
            throw new IllegalArgumentException(
                    "transferBytesMax " + transferBytesMax + " is not whole blocks of " + logicalBlockBytes + " bytes");
        }
        if (sectorCount % (logicalBlockBytes / Sectors.BYTES) != 0) {
            throw new IllegalArgumentException(
                    name + ": " + sectorCount + " sectors are not whole blocks of " + logicalBlockBytes + " bytes");
        }
    }

    /**
     * Returns the description of a device with 512-byte blocks, transfers of up to 1 MiB from any memory, and no further
     * capability.
     *
     * @param name the name for messages
     * @param sectorCount size in sectors
     * @param engine what carries out the I/O
     * @return the description, to be refined by the {@code with} methods
     */
    public static DeviceInfo of(String name, long sectorCount, String engine) {
        return new DeviceInfo(name, sectorCount, Sectors.BYTES, Sectors.BYTES, 1 << 20, 1, Set.of(), engine);
    }

    /**
     * Returns this description with other block sizes; the transfer limit is raised to one block if it was smaller.
     *
     * @param logicalBytes smallest I/O
     * @param physicalBytes smallest I/O without read-modify-write
     * @return a new description
     */
    public DeviceInfo withBlocks(int logicalBytes, int physicalBytes) {
        powerOfTwo("logicalBlockBytes", logicalBytes, Sectors.BYTES);
        int transfer = Math.max(transferBytesMax / logicalBytes * logicalBytes, logicalBytes);
        return new DeviceInfo(
                name, sectorCount, logicalBytes, physicalBytes, transfer, memoryAlignmentBytes, capabilities, engine);
    }

    /**
     * Returns this description with another transfer limit.
     *
     * @param bytes whole blocks
     * @return a new description
     */
    public DeviceInfo withTransferBytesMax(int bytes) {
        return new DeviceInfo(
                name,
                sectorCount,
                logicalBlockBytes,
                physicalBlockBytes,
                bytes,
                memoryAlignmentBytes,
                capabilities,
                engine);
    }

    /**
     * Returns this description with another memory alignment.
     *
     * @param bytes a power of two
     * @return a new description
     */
    public DeviceInfo withMemoryAlignmentBytes(int bytes) {
        return new DeviceInfo(
                name,
                sectorCount,
                logicalBlockBytes,
                physicalBlockBytes,
                transferBytesMax,
                bytes,
                capabilities,
                engine);
    }

    /**
     * Returns this description with exactly the given capabilities.
     *
     * @param these all the capabilities
     * @return a new description
     */
    public DeviceInfo withCapabilities(Collection<Capability> these) {
        return new DeviceInfo(
                name,
                sectorCount,
                logicalBlockBytes,
                physicalBlockBytes,
                transferBytesMax,
                memoryAlignmentBytes,
                Set.copyOf(Objects.requireNonNull(these, "these")),
                engine);
    }

    /**
     * Returns this description with another name.
     *
     * @param other the name for messages
     * @return a new description
     */
    public DeviceInfo withName(String other) {
        return new DeviceInfo(
                Objects.requireNonNull(other, "other"),
                sectorCount,
                logicalBlockBytes,
                physicalBlockBytes,
                transferBytesMax,
                memoryAlignmentBytes,
                capabilities,
                engine);
    }

    /**
     * Returns whether the device has a capability.
     *
     * @param capability the capability
     * @return whether the device has it
     */
    public boolean can(Capability capability) {
        return capabilities.contains(Objects.requireNonNull(capability, "capability"));
    }

    /**
     * Returns the size in bytes.
     *
     * @return {@code sectorCount * 512}
     */
    public long bytes() {
        return Sectors.toBytes(sectorCount);
    }

    /**
     * Checks an operation for what every device refuses before it touches anything: an operation that is beyond the device's
     * end, misaligned, or longer than a transfer, changes a read-only device, lacks its capability, or reads into read-only
     * memory.
     *
     * @param op the operation
     * @return the refusal with its errno and what to do, or empty if the operation may run
     */
    public Optional<DeviceException> refusal(BlockOp op) {
        Optional<DeviceException> refused = refusal(op.kind(), op.sector(), op.sectorCount());
        boolean transfers = op.kind() == BlockOp.Kind.READ || op.kind() == BlockOp.Kind.WRITE;
        if (refused.isEmpty() && transfers && Sectors.toBytes(op.sectorCount()) > transferBytesMax) {
            return refuse(
                    Errno.EINVAL, op, "longer than the device's largest transfer of " + transferBytesMax + " bytes");
        }
        if (refused.isEmpty() && op instanceof BlockOp.Read read && Views.isReadOnly(read.into())) {
            return refuse(Errno.EINVAL, op, "the buffer to read into is read-only memory");
        }
        return refused;
    }

    /**
     * Checks the part of {@link #refusal(BlockOp)} that does not depend on how the range is cut into transfers.
     *
     * @param kind the kind of operation
     * @param sector the first sector
     * @param count how many sectors
     * @return the refusal, or empty
     */
    public Optional<DeviceException> refusal(BlockOp.Kind kind, long sector, long count) {
        if (kind.changes() && can(Capability.READ_ONLY)) {
            return refuse(Errno.EROFS, kind, sector, count, "");
        }
        if (!supports(kind)) {
            return refuse(Errno.EOPNOTSUPP, kind, sector, count, "");
        }
        if (sector < 0 || count < 0) {
            return refuse(Errno.EINVAL, kind, sector, count, "not a range of sectors: both numbers are at least 0");
        }
        if (sector > sectorCount - count) {
            Errno errno = kind.changes() ? Errno.ENOSPC : Errno.EIO;
            return refuse(errno, kind, sector, count, "beyond the device's end at sector " + sectorCount);
        }
        int blockSectors = logicalBlockBytes / Sectors.BYTES;
        if (sector % blockSectors != 0) {
            return refuse(Errno.EINVAL, kind, sector, count, "sector " + sector + notWholeBlocks());
        }
        if (count % blockSectors != 0) {
            return refuse(Errno.EINVAL, kind, sector, count, "a length of " + count + " sectors" + notWholeBlocks());
        }
        return Optional.empty();
    }

    /**
     * Checks a range for what every device refuses to report {@linkplain BlockDevice#extents extents} of: no sectors, or some
     * outside it.
     *
     * @param sector the first sector
     * @param count how many sectors
     * @return the refusal, EINVAL, or empty
     */
    public Optional<DeviceException> extentsRefusal(long sector, long count) {
        if (sector >= 0 && count >= 1 && sector <= sectorCount - count) {
            return Optional.empty();
        }
        return Optional.of(DeviceException.of(
                Errno.EINVAL,
                name,
                "no extents of " + count + " sectors from sector " + sector + ": the device has " + sectorCount));
    }

    private boolean supports(BlockOp.Kind kind) {
        return switch (kind) {
            case READ, WRITE -> true;
            case FLUSH -> can(Capability.FLUSH);
            case DISCARD -> can(Capability.DISCARD);
            case WRITE_ZEROES -> can(Capability.WRITE_ZEROES);
        };
    }

    private String notWholeBlocks() {
        return " is not a multiple of the device's " + logicalBlockBytes + "-byte block ("
                + logicalBlockBytes / Sectors.BYTES + " sectors)";
    }

    private Optional<DeviceException> refuse(Errno errno, BlockOp op, String detail) {
        return refuse(errno, op.kind(), op.sector(), op.sectorCount(), detail);
    }

    private Optional<DeviceException> refuse(Errno errno, BlockOp.Kind kind, long sector, long count, String detail) {
        return Optional.of(DeviceException.of(errno, name, kind, sector, count, detail));
    }

    private static Set<Capability> immutable(Set<Capability> given) {
        EnumSet<Capability> copy = EnumSet.noneOf(Capability.class);
        copy.addAll(given);
        return Collections.unmodifiableSet(copy); // an EnumSet answers contains() with one bit test
    }

    private static void powerOfTwo(String what, int bytes, int atLeast) {
        if (bytes < atLeast || Integer.bitCount(bytes) != 1) {
            throw new IllegalArgumentException(
                    what + " " + bytes + " is not a power of two of at least " + atLeast + " bytes");
        }
    }
}
