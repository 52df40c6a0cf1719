package io.dmio;

import org.jspecify.annotations.Nullable;

/**
 * A device's refusal or failure, with its numbers. Made on hot paths when a leg is down, so it carries no stack trace: the
 * errno, device, operation and range say where it comes from.
 */
public final class DeviceException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Errno errno;
    private final String device;
    private final BlockOp.@Nullable Kind kind;
    private final long sector;
    private final long sectorCount;

    private DeviceException(
            Errno errno,
            String device,
            BlockOp.@Nullable Kind kind,
            long[] range,
            String detail,
            @Nullable Throwable cause) {
        super(message(errno, device, kind, range, detail), cause, true, false);
        this.errno = errno;
        this.device = device;
        this.kind = kind;
        this.sector = range[0];
        this.sectorCount = range[1];
    }

    /**
     * An operation failed.
     *
     * @param errno what the device said
     * @param device its name
     * @param op the operation
     * @param detail a phrase for the message: what is wrong and what to do; may be empty
     * @return the exception, to be signalled
     */
    public static DeviceException of(Errno errno, String device, BlockOp op, String detail) {
        return of(errno, device, op.kind(), op.sector(), op.sectorCount(), detail);
    }

    /**
     * An operation on a range failed.
     *
     * @param errno what the device said
     * @param device its name
     * @param kind the kind of operation
     * @param sector where it starts
     * @param sectorCount how long it is
     * @param detail a phrase for the message: what is wrong and what to do; may be empty
     * @return the exception, to be signalled
     */
    public static DeviceException of(
            Errno errno, String device, BlockOp.Kind kind, long sector, long sectorCount, String detail) {
        return new DeviceException(errno, device, kind, new long[] {sector, sectorCount}, detail, null);
    }

    /**
     * Something other than an operation failed: opening, probing, closing.
     *
     * @param errno what the system said
     * @param device its name
     * @param detail a phrase for the message
     * @return the exception, to be thrown or signalled
     */
    public static DeviceException of(Errno errno, String device, String detail) {
        return new DeviceException(errno, device, null, new long[] {0, 0}, detail, null);
    }

    /**
     * A device failed with something that carries no errno: it counts as EIO.
     *
     * @param device its name
     * @param op the operation
     * @param cause what it threw; a {@code DeviceException} is returned as it is
     * @return the exception, to be signalled
     */
    public static DeviceException wrap(String device, BlockOp op, Throwable cause) {
        return cause instanceof DeviceException known
                ? known
                : new DeviceException(
                        Errno.EIO,
                        device,
                        op.kind(),
                        new long[] {op.sector(), op.sectorCount()},
                        "the device threw " + cause,
                        cause);
    }

    /**
     * What the device said.
     *
     * @return the error number
     */
    public Errno errno() {
        return errno;
    }

    /**
     * Which device.
     *
     * @return its name
     */
    public String device() {
        return device;
    }

    /**
     * Where the operation started.
     *
     * @return the first sector; 0 if there was no operation
     */
    public long sector() {
        return sector;
    }

    /**
     * How long the operation was.
     *
     * @return sectors; 0 for a flush or if there was no operation
     */
    public long sectorCount() {
        return sectorCount;
    }

    /**
     * Whether the failed operation was of a kind.
     *
     * @param which the kind
     * @return true if it was; false also if there was no operation
     */
    public boolean during(BlockOp.Kind which) {
        return kind == which;
    }

    private static String message(
            Errno errno, String device, BlockOp.@Nullable Kind kind, long[] range, String detail) {
        StringBuilder text = new StringBuilder().append(errno).append(": ").append(device);
        if (kind != null) {
            text.append(": ").append(kind.words());
            if (kind != BlockOp.Kind.FLUSH) {
                text.append(" of sectors [")
                        .append(range[0])
                        .append(", ")
                        .append(range[0] + range[1])
                        .append(')');
            }
        }
        return text.append(": ")
                .append(detail.isEmpty() ? errno.meaning() : detail)
                .toString();
    }
}
