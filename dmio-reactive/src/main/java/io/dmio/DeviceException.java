package io.dmio;

import java.io.Serializable;
import java.math.BigInteger;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Signals that a device refused or failed an operation, with the numbers of the failure. It carries no stack trace, because it
 * is made on hot paths when a leg is down: the errno, device, operation and range say where it comes from.
 */
public final class DeviceException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Everything but the cause. */
    private final Facts facts;

    /**
     * Everything that is known of the failure, except its cause.
     *
     * @param number the errno, as the system gave it
     * @param device the device's name
     * @param target what was asked of the device
     * @param detail a phrase; may be empty
     * @param reason why the device refused, if a program may act on that
     */
    private record Facts(
            int number,
            String device,
            Target target,
            String detail,
            @Nullable Reason reason) implements Serializable {

        Facts {
            Objects.requireNonNull(device, "device");
            Objects.requireNonNull(detail, "detail");
        }
    }

    /**
     * What was asked of the device; empty if that was not an operation.
     *
     * @param kind null if there was none
     * @param sector where it started
     * @param sectorCount how long it was
     */
    private record Target(BlockOp.@Nullable Kind kind, long sector, long sectorCount) implements Serializable {

        static final Target NONE = new Target(null, 0, 0);

        static Target of(BlockOp op) {
            return new Target(op.kind(), op.sector(), op.sectorCount());
        }

        String words() {
            if (kind == null) {
                return "";
            }
            BigInteger end = BigInteger.valueOf(sector)
                    .add(BigInteger.valueOf(sectorCount)); // a refused range may end beyond a long
            return kind.words() + (kind == BlockOp.Kind.FLUSH ? "" : " of sectors [" + sector + ", " + end + ")")
                    + ": ";
        }
    }

    private DeviceException(Facts facts, @Nullable Throwable cause) {
        super(null, cause, true, false);
        this.facts = facts;
    }

    private static DeviceException of(int number, String device, Target target, String detail) {
        return new DeviceException(new Facts(number, device, target, detail, null), null);
    }

    /**
     * Returns an exception for a failed operation.
     *
     * @param errno the error that the device reported
     * @param device the device's name
     * @param op the operation
     * @param detail a phrase for the message: what is wrong and what to do; may be empty
     * @return the exception, to be signalled
     */
    public static DeviceException of(Errno errno, String device, BlockOp op, String detail) {
        return of(errno, device, op.kind(), op.sector(), op.sectorCount(), detail);
    }

    /**
     * Returns an exception for a failed operation on a range.
     *
     * @param errno the error that the device reported
     * @param device the device's name
     * @param kind the kind of operation
     * @param sector the first sector of the range
     * @param sectorCount the number of sectors
     * @param detail a phrase for the message: what is wrong and what to do; may be empty
     * @return the exception, to be signalled
     */
    public static DeviceException of(
            Errno errno, String device, BlockOp.Kind kind, long sector, long sectorCount, String detail) {
        return of(
                errno.number(), device, new Target(Objects.requireNonNull(kind, "kind"), sector, sectorCount), detail);
    }

    /**
     * Returns an exception for a failure outside an operation: in opening, probing or closing.
     *
     * @param errno the error that the system reported
     * @param device the device's name
     * @param detail a phrase for the message
     * @return the exception, to be thrown or signalled
     */
    public static DeviceException of(Errno errno, String device, String detail) {
        return of(errno.number(), device, detail);
    }

    /**
     * Returns an exception for a refusal whose reason a program may act on.
     *
     * @param errno the error that fits best
     * @param device the device's name
     * @param detail a phrase for the message: what is wrong; the reason says what to do
     * @param reason why the device refused
     * @return the exception, to be thrown or signalled
     */
    public static DeviceException of(Errno errno, String device, String detail, Reason reason) {
        return new DeviceException(
                new Facts(errno.number(), device, Target.NONE, detail, Objects.requireNonNull(reason, "reason")), null);
    }

    /**
     * Returns an exception for a failure outside an operation, with the number that the system reported. {@link Errno} need not
     * know it.
     *
     * @param number a positive Linux errno
     * @param device the device's name
     * @param detail a phrase for the message
     * @return the exception, to be thrown or signalled
     */
    public static DeviceException of(int number, String device, String detail) {
        return of(number, device, Target.NONE, detail);
    }

    /**
     * Returns an exception for a failed operation, with the number that the system reported. {@link Errno} need not know it.
     *
     * @param number a positive Linux errno
     * @param device the device's name
     * @param op the operation
     * @param detail a phrase for the message: what is wrong and what to do; may be empty
     * @return the exception, to be signalled
     */
    public static DeviceException of(int number, String device, BlockOp op, String detail) {
        return of(number, device, Target.of(op), detail);
    }

    /**
     * Returns an exception for a failure that carries no errno: it counts as EIO, or as ENOMEM for a lack of memory. If the
     * cause's own {@code toString} throws, what it throws is left out.
     *
     * @param device the device's name
     * @param op the operation
     * @param cause what the device threw; a {@code DeviceException} is returned as it is
     * @return the exception, to be signalled
     */
    public static DeviceException wrap(String device, BlockOp op, Throwable cause) {
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(op, "op");
        Objects.requireNonNull(cause, "cause");
        if (cause instanceof DeviceException known) {
            return known;
        }
        Errno errno = cause instanceof OutOfMemoryError ? Errno.ENOMEM : Errno.EIO;
        String detail = "the device threw " + words(cause);
        return new DeviceException(new Facts(errno.number(), device, Target.of(op), detail, null), cause);
    }

    /** Wraps a failure of something that is not an operation, such as a query for extents. */
    static DeviceException wrap(String device, String what, Throwable cause) {
        if (cause instanceof DeviceException known) {
            return known;
        }
        Errno errno = cause instanceof OutOfMemoryError ? Errno.ENOMEM : Errno.EIO;
        String detail = what + ": the device threw " + words(cause);
        return new DeviceException(new Facts(errno.number(), device, Target.NONE, detail, null), cause);
    }

    /** Returns this failure as one of a request of several regions, with this exception as its cause. */
    DeviceException ofRequest(String regions) {
        return new DeviceException(
                new Facts(facts.number, facts.device, facts.target, detail() + "; " + regions, facts.reason), this);
    }

    private static String words(Throwable cause) {
        try {
            return cause.toString();
        } catch (Throwable thrown) { // the failure is told all the same
            return cause.getClass().getName();
        }
    }

    /**
     * Returns the error that the device reported.
     *
     * @return the error; {@link Errno#EIO} for a number without a name
     */
    public Errno errno() {
        return Errno.of(facts.number);
    }

    /**
     * Returns the errno as the device reported it.
     *
     * @return a positive Linux errno; the number of {@link #errno()} if that has a name
     */
    public int number() {
        return facts.number;
    }

    /**
     * Returns which device failed or refused.
     *
     * @return the device's name
     */
    public String device() {
        return facts.device;
    }

    /**
     * Returns where the operation started.
     *
     * @return the first sector; 0 if there was no operation
     */
    public long sector() {
        return facts.target.sector;
    }

    /**
     * Returns the length of the operation.
     *
     * @return the number of sectors; 0 for a flush or if there was no operation
     */
    public long sectorCount() {
        return facts.target.sectorCount;
    }

    /**
     * Returns whether the failed operation was of the given kind.
     *
     * @param which the kind
     * @return true if it was; false also if there was no operation
     */
    public boolean during(BlockOp.Kind which) {
        return facts.target.kind == Objects.requireNonNull(which, "which");
    }

    /**
     * Returns what is wrong, without the numbers that {@link #errno()}, {@link #device()} and the others give, and without what
     * to do.
     *
     * @return a phrase; the meaning of the errno if no detail was given
     */
    public String detail() {
        return facts.detail.isEmpty() ? Errno.meaning(facts.number) : facts.detail;
    }

    /**
     * Returns why the device refused, if a program may act on it.
     *
     * @return a constant of an enum; empty for most failures
     */
    public Optional<Reason> reason() {
        return Optional.ofNullable(facts.reason);
    }

    /**
     * Returns the whole message for people: {@code EIO: /dev/sda: write of sectors [8, 16): the device failed}, and what to do
     * if there is a reason.
     *
     * @return one line
     */
    @Override
    public String getMessage() {
        String remedy = facts.reason == null ? "" : ": " + facts.reason.remedy();
        return errno() + ": " + facts.device + ": " + facts.target.words() + detail() + remedy;
    }
}
