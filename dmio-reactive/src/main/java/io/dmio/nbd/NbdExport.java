package io.dmio.nbd;

import io.dmio.BlockDevice;
import io.dmio.Capability;
import io.dmio.DeviceInfo;
import io.dmio.Extent;
import io.dmio.Sectors;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * A device under the name that clients ask for. Immutable. Serving it does not hand it over: who opened the device closes it,
 * after the server.
 */
public final class NbdExport {

    /** The name that a client gets which asks for none. */
    public static final String DEFAULT_NAME = "";

    private static final int PREFERRED_BYTES_MIN = Sectors.PAGE_BYTES;
    private static final int BLOCK_BYTES_MAX = 1 << 16; // the largest minimum the protocol knows

    private final String name;
    private final BlockDevice device;
    private final String description;
    private final Set<Limit> limits;
    private final List<Context> contexts;

    /** A metadata context. */
    record Context(String name, BlockStatus status) {}

    /** What is refused though the device could do it. */
    private enum Limit {
        READ_ONLY,
        WHOLE_BLOCKS
    }

    private NbdExport(String name, BlockDevice device, String description, Set<Limit> limits, List<Context> contexts) {
        this.name = name;
        this.device = device;
        this.description = description;
        this.limits = limits;
        this.contexts = contexts;
    }

    /**
     * An export that takes requests of any alignment, writable if its device is.
     *
     * @param name what clients ask for; {@link #DEFAULT_NAME} for those that ask for nothing; at most 4,096 bytes of UTF-8
     * @param device what it serves; its logical block is at most 64 KiB
     * @return the export
     */
    public static NbdExport of(String name, BlockDevice device) {
        requireString("a name", name);
        DeviceInfo info = device.info();
        if (info.logicalBlockBytes() > BLOCK_BYTES_MAX) {
            throw new IllegalArgumentException(info.name() + ": blocks of " + info.logicalBlockBytes()
                    + " bytes; the protocol knows at most " + BLOCK_BYTES_MAX);
        }
        Set<Limit> limits = info.can(Capability.READ_ONLY) ? Set.of(Limit.READ_ONLY) : Set.of();
        Context allocation = new Context(Wire.BASE_ALLOCATION, (sector, count) -> allocation(device, sector, count));
        return new NbdExport(name, device, "", limits, List.of(allocation));
    }

    /**
     * The same with a text for people.
     *
     * @param text at most 4,096 bytes of UTF-8
     * @return a new export
     */
    public NbdExport withDescription(String text) {
        requireString("a description", text);
        return new NbdExport(name, device, text, limits, contexts);
    }

    /**
     * The same for reading only: every change is refused with EPERM.
     *
     * @return a new export
     */
    public NbdExport asReadOnly() {
        return with(Limit.READ_ONLY);
    }

    /**
     * The same where requests that are not whole blocks of the device are refused with EINVAL, instead of being served by
     * reading, changing and writing back.
     *
     * @return a new export
     */
    public NbdExport withWholeBlocksOnly() {
        return with(Limit.WHOLE_BLOCKS);
    }

    /**
     * The same with a metadata context more; each has {@code base:allocation} already.
     *
     * @param context its name, a namespace and a colon first: {@code dmio:chunks}
     * @param status what is told of a range
     * @return a new export
     */
    public NbdExport withStatus(String context, BlockStatus status) {
        requireString("a context", context);
        Objects.requireNonNull(status, "status");
        if (context.indexOf(':') < 1 || contexts.stream().anyMatch(known -> known.name.equals(context))) {
            throw new IllegalArgumentException("'" + context + "' has no namespace, or is there already");
        }
        List<Context> more = new ArrayList<>(contexts);
        more.add(new Context(context, status));
        return new NbdExport(name, device, description, limits, List.copyOf(more));
    }

    /**
     * What clients ask for.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * What it serves.
     *
     * @return the device
     */
    public BlockDevice device() {
        return device;
    }

    /**
     * For people.
     *
     * @return may be empty
     */
    public String description() {
        return description;
    }

    /**
     * Whether changes are refused.
     *
     * @return true also if the device cannot be written
     */
    public boolean isReadOnly() {
        return limits.contains(Limit.READ_ONLY);
    }

    boolean isWholeBlocksOnly() {
        return limits.contains(Limit.WHOLE_BLOCKS);
    }

    List<Context> contexts() {
        return contexts;
    }

    long bytes() {
        return device.info().bytes();
    }

    int preferredBytes() {
        return Math.max(PREFERRED_BYTES_MIN, device.info().physicalBlockBytes());
    }

    /** What it can do, in the protocol's bits. */
    int transmissionFlags(Replies replies) {
        DeviceInfo info = device.info();
        boolean readOnly = isReadOnly();
        int flags = Wire.HAS_FLAGS | Wire.SEND_CACHE;
        if (info.can(Capability.FLUSH) || readOnly) {
            flags |= Wire.CAN_MULTI_CONN; // a device has one cache, whoever writes
        }
        if (info.can(Capability.FLUSH)) {
            flags |= Wire.SEND_FLUSH | Wire.SEND_FUA;
        }
        flags |= readOnly ? Wire.READ_ONLY : Wire.SEND_WRITE_ZEROES | Wire.SEND_FAST_ZERO;
        flags |= !readOnly && info.can(Capability.DISCARD) ? Wire.SEND_TRIM : 0;
        flags |= replies.isChunked() ? Wire.SEND_DF : 0;
        return replies == Replies.EXTENDED ? flags | Wire.BLOCK_STATUS_PAYLOAD : flags;
    }

    private NbdExport with(Limit limit) {
        EnumSet<Limit> more = EnumSet.of(limit);
        more.addAll(limits);
        return new NbdExport(name, device, description, more, contexts);
    }

    private static Mono<List<BlockStatus.Run>> allocation(BlockDevice device, long sector, long count) {
        return device.extents(sector, count)
                .map(extents -> extents.stream()
                        .map(extent -> new BlockStatus.Run(extent.sectorCount(), status(extent.kind())))
                        .toList());
    }

    private static int status(Extent.Kind kind) {
        return switch (kind) {
            case DATA -> 0;
            case ZERO -> Wire.STATUS_ZERO;
            case HOLE -> Wire.STATUS_HOLE | Wire.STATUS_ZERO;
        };
    }

    private static void requireString(String what, String text) {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (text.indexOf(0) >= 0 || bytes > Wire.STRING_BYTES_MAX) {
            throw new IllegalArgumentException(what + " of " + bytes + " bytes: it has at most " + Wire.STRING_BYTES_MAX
                    + ", and no NUL among them");
        }
    }

    @Override
    public String toString() {
        return "NbdExport['" + name + "', " + device.info().name() + (isReadOnly() ? ", read-only]" : "]");
    }
}
