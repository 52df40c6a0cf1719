package io.dmio;

import java.io.Serializable;
import java.math.BigInteger;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A device's refusal or failure, with its numbers. Made on hot paths when a leg is down, so it carries no stack trace: the
 * errno, device, operation and range say where it comes from.
 */
public final class DeviceException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** All but the cause. */
    private final Facts facts;

    /**
     * Everything that is known of the failure, but for its cause.
     *
     * @param number as the system said it
     * @param device its name
     * @param target what was asked of it
     * @param detail a phrase; may be empty
     * @param reason why it refused, where a program may act on that
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
     * What was asked of the device; nothing where it was no operation.
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
                    .add(BigInteger.valueOf(sectorCount)); // refused ones may be beyond a long
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
        return of(
                errno.number(), device, new Target(Objects.requireNonNull(kind, "kind"), sector, sectorCount), detail);
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
     * A device refused for a reason that a program may act on.
     *
     * @param errno what fits best
     * @param device its name
     * @param detail a phrase for the message: what is wrong; what to do is the reason's
     * @param reason why
     * @return the exception, to be thrown or signalled
     */
    public static DeviceException of(Errno errno, String device, String detail, Reason reason) {
        return new DeviceException(
                new Facts(errno.number(), device, Target.NONE, detail, Objects.requireNonNull(reason, "reason")), null);
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
        return of(number, device, Target.NONE, detail);
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
        return of(number, device, Target.of(op), detail);
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

    /** The same for what is no operation, such as being asked for extents. */
    static DeviceException wrap(String device, String what, Throwable cause) {
        if (cause instanceof DeviceException known) {
            return known;
        }
        Errno errno = cause instanceof OutOfMemoryError ? Errno.ENOMEM : Errno.EIO;
        String detail = what + ": the device threw " + words(cause);
        return new DeviceException(new Facts(errno.number(), device, Target.NONE, detail, null), cause);
    }

    /** The same of a request of several regions, with this as its cause. */
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
     * What the device said.
     *
     * @return the error; {@link Errno#EIO} for a number without a name
     */
    public Errno errno() {
        return Errno.of(facts.number);
    }

    /**
     * What the device said, as it said it.
     *
     * @return a positive Linux errno; the number of {@link #errno()} if that has a name
     */
    public int number() {
        return facts.number;
    }

    /**
     * Which device.
     *
     * @return its name
     */
    public String device() {
        return facts.device;
    }

    /**
     * Where the operation started.
     *
     * @return the first sector; 0 if there was no operation
     */
    public long sector() {
        return facts.target.sector;
    }

    /**
     * How long the operation was.
     *
     * @return sectors; 0 for a flush or if there was no operation
     */
    public long sectorCount() {
        return facts.target.sectorCount;
    }

    /**
     * Whether the failed operation was of a kind.
     *
     * @param which the kind
     * @return true if it was; false also if there was no operation
     */
    public boolean during(BlockOp.Kind which) {
        return facts.target.kind == Objects.requireNonNull(which, "which");
    }

    /**
     * What is wrong, without the numbers that {@link #errno()}, {@link #device()} and the others tell, and without what to do.
     *
     * @return a phrase; what the errno means if nothing was said
     */
    public String detail() {
        return facts.detail.isEmpty() ? Errno.meaning(facts.number) : facts.detail;
    }

    /**
     * Why the device refused, where a program may act on it.
     *
     * @return a constant of an enum; empty for most failures
     */
    public Optional<Reason> reason() {
        return Optional.ofNullable(facts.reason);
    }

    /**
     * All of it for people: {@code EIO: /dev/sda: write of sectors [8, 16): the device failed}, and what to do if there is a reason.
     *
     * @return one line
     */
    @Override
    public String getMessage() {
        String remedy = facts.reason == null ? "" : ": " + facts.reason.remedy();
        return errno() + ": " + facts.device + ": " + facts.target.words() + detail() + remedy;
    }
}
