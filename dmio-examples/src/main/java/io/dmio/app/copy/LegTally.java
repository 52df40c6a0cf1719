package io.dmio.app.copy;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is known about one leg while a copy runs. Thread-safe. */
final class LegTally {

    private static final Set<Errno> FULL = EnumSet.of(Errno.ENOSPC, Errno.EDQUOT, Errno.EFBIG, Errno.ESHUTDOWN);

    private final String name;
    private final FailedRanges failed = new FailedRanges();
    private LegReport.@Nullable Cause cause;
    private @Nullable String sha256;
    private boolean full;

    LegTally(String name) {
        this.name = name;
    }

    /** Notes that a write failed: its sectors are undefined. */
    synchronized void failed(long sector, long count, DeviceException why) {
        failed.add(sector, count);
        String what = why.during(BlockOp.Kind.FLUSH)
                ? BlockOp.Kind.FLUSH.words() + ": "
                : ""; // others are told by their sectors
        failed(why.errno(), what + why.detail());
    }

    /** Notes that the leg is a stream that takes no more: nobody reads it, or there is no space where it goes. */
    synchronized void ended(IOException why, String where) {
        full = true;
        failed(errno(why), why.getMessage() + where);
    }

    // The JDK tells failures of streams only by the system's words.
    private static Errno errno(IOException failed) {
        return switch ("" + failed.getMessage()) {
            case "Broken pipe" -> Errno.EPIPE;
            case "No space left on device" -> Errno.ENOSPC;
            case "Disk quota exceeded" -> Errno.EDQUOT;
            case "File too large" -> Errno.EFBIG;
            default -> Errno.EIO;
        };
    }

    /** Notes a failure at no sector in particular. */
    synchronized void failed(Errno errno, String text) {
        full |= FULL.contains(errno);
        if (cause == null) {
            cause = new LegReport.Cause(errno.name(), text);
        }
    }

    /** Returns whether the leg takes no more, so that writing on would be useless. */
    synchronized boolean full() {
        return full;
    }

    synchronized boolean good() {
        return cause == null;
    }

    /** Notes the sum of the leg, which was read again. */
    synchronized void sha256(String sum) {
        sha256 = sum;
    }

    synchronized LegReport report() {
        return new LegReport(name, failed.list(), Optional.ofNullable(cause), Optional.ofNullable(sha256));
    }
}
