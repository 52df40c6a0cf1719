package io.dmio.nbd.wire;

import io.dmio.DeviceException;
import io.dmio.Errno;

/** The errors on the wire: eight numbers, whatever a device says. */
public enum WireError {
    EPERM(1),
    EIO(5),
    ENOMEM(12),
    EINVAL(22),
    ENOSPC(28),
    EOVERFLOW(75),
    ENOTSUP(95),
    ESHUTDOWN(108);

    private final int number;

    WireError(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /** Returns the number by which a client is told of a device's failure. */
    public static WireError of(Throwable failure) {
        if (!(failure instanceof DeviceException refusal)) {
            return failure instanceof OutOfMemoryError ? ENOMEM : EIO;
        }
        return switch (refusal.errno()) {
            case EPERM, EACCES, EROFS -> EPERM;
            case ENOMEM -> ENOMEM;
            case EINVAL -> EINVAL;
            case ENOSPC, EDQUOT, EFBIG -> ENOSPC;
            case EOVERFLOW -> EOVERFLOW;
            case EOPNOTSUPP -> ENOTSUP;
            case ESHUTDOWN -> ESHUTDOWN;
            default -> EIO;
        };
    }

    /** Returns the meaning of a server's number; one that the protocol does not have counts as EINVAL. */
    public static Errno errno(int number) {
        for (WireError known : values()) {
            if (known.number == number) {
                return Errno.of(number);
            }
        }
        return Errno.EINVAL;
    }
}
