package io.dmio.bench;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The merge of outcomes: of those that are well, of one failed leg among them, and what a caller asks afterwards. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ErrorBitsBenchmark {

    private ErrorBits clear = ErrorBits.ofBits(0);
    private ErrorBits third = ErrorBits.of(3, DeviceException.of(Errno.EIO, "disk", "failed"));
    private ErrorBits last = ErrorBits.of(63, DeviceException.of(Errno.EIO, "disk", "failed"));

    @Benchmark
    public ErrorBits orOfClear() {
        return clear.or(clear);
    }

    @Benchmark
    public ErrorBits orWithOneFailed() {
        return clear.or(third);
    }

    @Benchmark
    public ErrorBits orOfTwoFailed() {
        return third.or(last);
    }

    @Benchmark
    public long failedRegions() {
        return last.failedRegions().sum();
    }
}
