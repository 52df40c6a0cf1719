package io.dmio.nbd.server;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Limits the log lines that any client can cause: a number of lines per time, then only how many more there were. Safe for concurrent use.
 */
final class LogLimit {

    static final int LINES_MAX = 10;
    static final Duration TIME = Duration.ofMinutes(1);

    private final Logger log;
    private final LongSupplier nanos;
    private long sinceNanos; // guarded by this, as all
    private int lines;
    private long more;

    LogLimit(Logger log, LongSupplier nanos) {
        this.log = log;
        this.nanos = nanos;
        this.sinceNanos = nanos.getAsLong();
    }

    /** Warns, in the logger's format, if there is room for a line. */
    void warn(String format, Object... arguments) {
        long untold = 0;
        synchronized (this) {
            long now = nanos.getAsLong();
            if (now - sinceNanos >= TIME.toNanos()) {
                untold = more;
                sinceNanos = now;
                lines = 0;
                more = 0;
            }
            if (lines == LINES_MAX) {
                more++;
                return;
            }
            lines++;
        }
        if (untold > 0) {
            log.warn("{} more lines about clients were left out", untold);
        }
        log.warn(format, arguments);
    }
}
