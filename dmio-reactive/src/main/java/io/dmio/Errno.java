package io.dmio;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The error numbers that block devices answer with, by their Linux names and numbers (the same on x86_64 and arm64),
 * each with what a person can do about it.
 */
public enum Errno {
    /** Operation not permitted. */
    EPERM(1, "not permitted: run as a user who may"),
    /** No such file. */
    ENOENT(2, "no such file or directory"),
    /** A call was interrupted; engines retry it. */
    EINTR(4, "interrupted"),
    /** The device failed; the content of the range is undefined. */
    EIO(5, "the device failed"),
    /** No such device or address. */
    ENXIO(6, "no such device or address"),
    /** The file descriptor is closed. */
    EBADF(9, "not open, or not open for this"),
    /** Out of a resource for the moment; engines retry it. */
    EAGAIN(11, "out of a resource for the moment"),
    /** Out of memory. */
    ENOMEM(12, "out of memory"),
    /** Permission denied. */
    EACCES(13, "permission denied: check the file's owner and mode"),
    /** Somebody else uses the device. */
    EBUSY(16, "in use by somebody else"),
    /** The file exists. */
    EEXIST(17, "exists already"),
    /** The device is gone. */
    ENODEV(19, "no such device"),
    /** A directory where a file was expected. */
    EISDIR(21, "is a directory"),
    /** Misaligned or impossible arguments. */
    EINVAL(22, "misaligned or impossible"),
    /** Not a device this call works on. */
    ENOTTY(25, "not a device for this call"),
    /** Larger than the file may grow. */
    EFBIG(27, "larger than the file may be"),
    /** No space, or beyond the end of the device. */
    ENOSPC(28, "no space left, or beyond the end"),
    /** The device is read-only. */
    EROFS(30, "read-only"),
    /** The medium lost the data. */
    ENODATA(61, "the medium has lost this data"),
    /** A value does not fit. */
    EOVERFLOW(75, "too large for its type"),
    /** Checksum or sequence wrong. */
    EILSEQ(84, "checksum or sequence is wrong"),
    /** The device cannot do this operation. */
    EOPNOTSUPP(95, "the device cannot do this"),
    /** The device or its client is closed. */
    ESHUTDOWN(108, "closed"),
    /** No answer in time. */
    ETIMEDOUT(110, "no answer in time"),
    /** Remote side failed. */
    EREMOTEIO(121, "the remote side failed"),
    /** Quota exceeded. */
    EDQUOT(122, "quota exceeded");

    private static final Map<Integer, Errno> BY_NUMBER =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(Errno::number, Function.identity()));

    private final int number;
    private final String meaning;

    Errno(int number, String meaning) {
        this.number = number;
        this.meaning = meaning;
    }

    /**
     * Finds an error by its number.
     *
     * @param number a positive Linux errno
     * @return the error, or {@link #EIO} for a number this list does not have
     */
    public static Errno of(int number) {
        return BY_NUMBER.getOrDefault(number, EIO);
    }

    /**
     * The Linux number.
     *
     * @return the number, positive
     */
    public int number() {
        return number;
    }

    /**
     * What it means, for a message.
     *
     * @return a phrase in lower case
     */
    public String meaning() {
        return meaning;
    }
}
