package io.dmio.copy;

import io.dmio.DeviceException;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import java.util.ArrayList;
import java.util.List;

/** The outcome of the pieces of one range. Errors are summed up, never overwritten. Safe for concurrent use. */
final class CopyTally {

    private final CopyPlan plan;

    // guarded by this
    private final SectorRanges unread = new SectorRanges();
    private ErrorBits errors = ErrorBits.NONE;
    private long bytesCopied;
    private long bytesZero;
    private long bytesDone;

    CopyTally(CopyPlan plan) {
        this.plan = plan;
    }

    /** Notes a failure of anything but a part of the source. */
    synchronized void failed(ErrorBits bits) {
        errors = errors.or(bits);
    }

    /** Notes that a part of the source is out of reach, so that every destination lacks it. */
    synchronized void unread(SectorRange range, DeviceException cause) {
        unread.add(range.sector(), range.end());
        bytesDone += range.bytes();
        for (int i = 0; i < plan.to().size(); i++) {
            errors = errors.or(ErrorBits.of(i, cause));
        }
    }

    synchronized void wrote(SectorRange range, ErrorBits bits) {
        errors = errors.or(bits);
        bytesDone += range.bytes();
        bytesCopied += reachedSome(bits) ? range.bytes() : 0;
    }

    synchronized void leftZero(SectorRange range, ErrorBits bits) {
        errors = errors.or(bits);
        bytesDone += range.bytes();
        bytesZero += reachedSome(bits) ? range.bytes() : 0;
    }

    private boolean reachedSome(ErrorBits bits) {
        return bits.count() < plan.to().size();
    }

    synchronized long bytesDone() {
        return bytesDone;
    }

    synchronized CopyResult result() {
        List<IoRegion> ranges = new ArrayList<>();
        unread.forEach((start, end) -> plan.from().ifPresent(source -> ranges.add(source.slice(start, end - start))));
        long bytesTotal = plan.to().get(0).bytes();
        return new CopyResult(errors, ranges, bytesCopied, bytesZero, bytesDone, bytesTotal);
    }
}
