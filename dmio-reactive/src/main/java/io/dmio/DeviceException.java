package io.dmio;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * A device's refusal or failure, with its numbers. Made on hot paths when a leg is down, so it carries no stack trace: the
 * errno, device, operation and range say where it comes from.
 */
public final class DeviceException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int number;
    private final String device;
    private final BlockOp.@Nullable Kind kind;
    private final long sector;
    private final long sectorCount;

    private DeviceException(
            int number,
            String device,
            BlockOp.@Nullable Kind kind,
            long[] range,
            String detail,
            @Nullable Throwable cause) {
        super(message(number, device, kind, range, detail), cause, true, false);
        this.number = number;
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
        return new DeviceException(errno.number(), device, kind, new long[] {sector, sectorCount}, detail, null);
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
        return of(errno.number(), device, detail);
    }

    /**
     * The same with the number as the system said it, which {@link Errno} need not know.
     *
     * @param number a positive Linux errno
     * @param device its name
     * @param detail a phrase for the message
     * @return the exception, to be thrown or signalled
     */
    public static DeviceException of(int number, String device, String detail) {
        return new DeviceException(number, device, null, new long[] {0, 0}, detail, null);
    }

    /**
     * An operation failed with the number that the system said, which {@link Errno} need not know.
     *
     * @param number a positive Linux errno
     * @param device its name
     * @param op the operation
     * @param detail a phrase for the message: what is wrong and what to do; may be empty
     * @return the exception, to be signalled
     */
    public static DeviceException of(int number, String device, BlockOp op, String detail) {
        return new DeviceException(number, device, op.kind(), new long[] {op.sector(), op.sectorCount()}, detail, null);
    }

    /**
     * A device failed with something that carries no errno: it counts as EIO, a lack of memory as ENOMEM. What the cause's own
     * {@code toString} throws is left out.
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
                        cause instanceof OutOfMemoryError ? Errno.ENOMEM.number() : Errno.EIO.number(),
                        device,
                        op.kind(),
                        new long[] {op.sector(), op.sectorCount()},
                        "the device threw " + words(cause),
                        cause);
    }

    private static String words(Throwable cause) {
        try {
            return cause.toString();
        } catch (Throwable thrown) { // the failure is told all the same
            return cause.getClass().getName();
        }
    }

    /**
     * What the device said.
     *
     * @return the error; {@link Errno#EIO} for a number without a name
     */
    public Errno errno() {
        return Errno.of(number);
    }

    /**
     * What the device said, as it said it.
     *
     * @return a positive Linux errno; the number of {@link #errno()} if that has a name
     */
    public int number() {
        return number;
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

    private static String message(int number, String device, BlockOp.@Nullable Kind kind, long[] range, String detail) {
        StringBuilder text =
                new StringBuilder().append(Errno.of(number)).append(": ").append(device);
        if (kind != null) {
            text.append(": ").append(kind.words());
            if (kind != BlockOp.Kind.FLUSH) {
                text.append(" of sectors [")
                        .append(range[0])
                        .append(", ")
                        .append(end(range))
                        .append(')');
            }
        }
        return text.append(": ")
                .append(detail.isEmpty() ? Errno.meaning(number) : detail)
                .toString();
    }

    private static BigInteger end(long[] range) {
        return BigInteger.valueOf(range[0]).add(BigInteger.valueOf(range[1])); // what is refused may be beyond a long
    }
}
