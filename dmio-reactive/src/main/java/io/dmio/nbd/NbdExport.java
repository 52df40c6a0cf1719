package io.dmio.nbd;

import io.dmio.BlockDevice;
import io.dmio.Capability;
import io.dmio.DeviceCall;
import io.dmio.DeviceInfo;
import io.dmio.Extent;
import io.dmio.nbd.server.Export;
import io.dmio.nbd.server.RangeStatus;
import io.dmio.nbd.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * A device under the name that clients ask for. Immutable. Serving it does not hand over the device: its opener closes it,
 * after the server.
 */
public final class NbdExport {

    /** The name of the export that a client gets if it asks for none. */
    public static final String DEFAULT_NAME = Export.DEFAULT_NAME;

    private static final int BLOCK_BYTES_MAX = 1 << 16; // the largest minimum the protocol knows

    private final Export served;

    private NbdExport(Export served) {
        this.served = served;
    }

    /**
     * Returns an export that takes requests of any alignment, and is writable if its device is.
     *
     * @param name the name that clients ask for; {@link #DEFAULT_NAME} for those that ask for nothing; at most 4,096 bytes of
     *     UTF-8
     * @param device the device to serve; its logical block is at most 64 KiB
     * @return the export
     */
    public static NbdExport of(String name, BlockDevice device) {
        requireName(name);
        DeviceInfo info = device.info();
        if (info.logicalBlockBytes() > BLOCK_BYTES_MAX) {
            throw new IllegalArgumentException(info.name() + ": blocks of " + info.logicalBlockBytes()
                    + " bytes; the protocol knows at most " + BLOCK_BYTES_MAX);
        }
        Set<Export.Limit> limits = info.can(Capability.READ_ONLY) ? Set.of(Export.Limit.READ_ONLY) : Set.of();
        Export.Context allocation =
                new Export.Context(Wire.BASE_ALLOCATION, (sector, count) -> allocation(device, sector, count));
        return new NbdExport(new Export(name, device, "", limits, List.of(allocation)));
    }

    /**
     * Checks that an export can have a name, before there is a device to serve.
     *
     * @param name the name that clients ask for
     * @throws IllegalArgumentException if it is longer than 4,096 bytes of UTF-8, or has a NUL or half of a character in it
     */
    public static void requireName(String name) {
        requireString("a name", Objects.requireNonNull(name, "name"));
    }

    /**
     * Returns this export with a description for people.
     *
     * @param text at most 4,096 bytes of UTF-8
     * @return a new export
     */
    public NbdExport withDescription(String text) {
        requireString("a description", text);
        return new NbdExport(served.withDescription(text));
    }

    /**
     * Returns this export for reading only: every change is refused with EPERM.
     *
     * @return a new export
     */
    public NbdExport asReadOnly() {
        return new NbdExport(served.with(Export.Limit.READ_ONLY));
    }

    /**
     * Returns this export with some bytes after the device's last block, for a file whose length is no multiple of it; for
     * reading only.
     *
     * @param bytes what clients read there; fewer than a logical block of the device has
     * @return a new export
     */
    public NbdExport withTail(byte[] bytes) {
        if (bytes.length >= device().info().logicalBlockBytes()) {
            throw new IllegalArgumentException("a tail of " + bytes.length + " bytes: blocks have "
                    + device().info().logicalBlockBytes());
        }
        return new NbdExport(served.withTail(bytes));
    }

    /**
     * Returns this export, refusing requests that are not whole blocks of the device with EINVAL, instead of serving them by
     * reading, changing and writing back.
     *
     * @return a new export
     */
    public NbdExport withWholeBlocksOnly() {
        return new NbdExport(served.with(Export.Limit.WHOLE_BLOCKS));
    }

    /**
     * Returns this export with one more metadata context; each export has {@code base:allocation} already.
     *
     * @param context the context's name, a namespace and a colon first: {@code dmio:chunks}
     * @param status what is reported of a range
     * @return a new export
     */
    public NbdExport withStatus(String context, BlockStatus status) {
        requireString("a context", Objects.requireNonNull(context, "context"));
        Objects.requireNonNull(status, "status");
        if (context.indexOf(':') < 1
                || served.contexts().stream().anyMatch(known -> known.name().equals(context))) {
            throw new IllegalArgumentException("'" + context + "' has no namespace, or is there already");
        }
        return new NbdExport(served.with(new Export.Context(context, parts(status))));
    }

    /**
     * Returns this export with a meter, in place of the one it has.
     *
     * @param meter is told of the export's clients, and of every request
     * @return a new export
     */
    public NbdExport withMeter(NbdMeter meter) {
        return new NbdExport(served.with(new Metered(Objects.requireNonNull(meter, "meter"))));
    }

    /**
     * Returns the name that clients ask for.
     *
     * @return the name
     */
    public String name() {
        return served.name();
    }

    /**
     * Returns the device that the export serves.
     *
     * @return the device
     */
    public BlockDevice device() {
        return served.device();
    }

    /**
     * Returns the description for people.
     *
     * @return may be empty
     */
    public String description() {
        return served.description();
    }

    /**
     * Returns whether changes are refused.
     *
     * @return true also if the device cannot be written
     */
    public boolean isReadOnly() {
        return served.isReadOnly();
    }

    Export served() {
        return served;
    }

    private static RangeStatus parts(BlockStatus status) {
        return (sector, count) -> told(status.of(sector, count)
                .map(runs -> runs.stream()
                        .map(run -> new RangeStatus.Part(run.sectorCount(), run.status()))
                        .toList()));
    }

    // A client waits for an answer, and takes one without runs for nonsense.
    private static Mono<List<RangeStatus.Part>> told(Mono<List<RangeStatus.Part>> parts) {
        return parts.filter(all -> !all.isEmpty())
                .switchIfEmpty(Mono.error(() -> new IllegalStateException("nothing is told of the range")));
    }

    private static Mono<List<RangeStatus.Part>> allocation(BlockDevice device, long sector, long count) {
        long left = device.info().sectorCount() - sector;
        return left <= 0
                ? Mono.just(List.of(new RangeStatus.Part(count, 0))) // the tail
                : told(DeviceCall.extents(device, sector, Math.min(count, left))
                        .map(extents -> following(extents, sector)));
    }

    // Up to the first gap: what is told of another place must not pass for a hole here.
    private static List<RangeStatus.Part> following(List<Extent> extents, long sector) {
        List<RangeStatus.Part> parts = new ArrayList<>();
        long at = sector;
        for (Extent extent : extents) {
            if (extent.sector() != at) {
                break;
            }
            parts.add(new RangeStatus.Part(extent.sectorCount(), status(extent.kind())));
            at += extent.sectorCount();
        }
        return parts;
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
        if (!Percent.canEncode(text)) {
            throw new IllegalArgumentException(what + " with half of a character: '" + text + "'");
        }
        if (text.indexOf(0) >= 0 || bytes > Wire.STRING_BYTES_MAX) {
            throw new IllegalArgumentException(what + " of " + bytes + " bytes: it has at most " + Wire.STRING_BYTES_MAX
                    + ", and no NUL among them");
        }
    }

    @Override
    public String toString() {
        return "NbdExport[" + served + "]";
    }
}
