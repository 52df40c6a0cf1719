package io.dmio.copy;

import io.dmio.ErrorBits;
import java.util.concurrent.atomic.LongAdder;

/** The sum of what all copies of a service have done. Safe for concurrent use. */
final class CopySum {

    private final LongAdder copied = new LongAdder();
    private final LongAdder zero = new LongAdder();
    private final LongAdder unread = new LongAdder();
    private final LongAdder failed = new LongAdder();

    void wrote(SectorRange range, ErrorBits bits) {
        (bits.isClear() ? copied : failed).add(range.bytes());
    }

    void leftZero(SectorRange range, ErrorBits bits) {
        (bits.isClear() ? zero : failed).add(range.bytes());
    }

    void unread(SectorRange range) {
        unread.add(range.bytes());
    }

    CopyTotals totals(int running) {
        return new CopyTotals(running, copied.sum(), zero.sum(), unread.sum(), failed.sum());
    }
}
