package io.dmio.bench;

import io.dmio.VmBuffer;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What a mirror could do so that all legs get the same bytes of 1 MiB of a user's memory, which may change while they are written: copy
 * them to memory that is warm, or add them up before and after and copy only what has changed.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StableMemoryBenchmark {

    private static final int BYTES = 1 << 20;
    private static final int SOURCES = 64; // more than a cache holds
    private static final int WARM = 8; // as many as are in flight

    private final VmBuffer[] sources = new VmBuffer[SOURCES];
    private final VmBuffer[] warm = new VmBuffer[WARM];
    private int turn;

    public StableMemoryBenchmark() {
        byte[] noise = new byte[BYTES];
        new Random(1).nextBytes(noise);
        Arrays.setAll(sources, i -> VmBuffer.allocate(BYTES));
        Arrays.setAll(warm, i -> VmBuffer.allocate(BYTES));
        Arrays.stream(sources).forEach(one -> one.buffer().setBytes(0, noise));
    }

    @TearDown
    public void release() {
        Arrays.stream(sources).forEach(VmBuffer::release);
        Arrays.stream(warm).forEach(VmBuffer::release);
    }

    @Benchmark
    public int copied() {
        VmBuffer to = warm[turn % WARM];
        to.buffer().setBytes(0, sources[turn++ % SOURCES].buffer(), 0, BYTES);
        return to.buffer().getByte(0);
    }

    /** The second time long after the first, when the bytes have left the cache. */
    @Benchmark
    public long addedUpBeforeAndAfter() {
        int before = turn++ % SOURCES;
        return sum(sources[before]) + sum(sources[(before + SOURCES / 2) % SOURCES]);
    }

    private static long sum(VmBuffer memory) {
        ByteBuffer bytes = memory.buffer().nioBuffer(0, BYTES);
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        return sum.getValue();
    }
}
