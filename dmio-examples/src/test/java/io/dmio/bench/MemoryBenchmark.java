package io.dmio.bench;

import io.dmio.BioVector;
import io.dmio.BioVectors;
import io.dmio.IoMemory;
import io.dmio.PageList;
import io.dmio.VmBuffer;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Views of 64 KiB of each kind of memory: all of it, and the 16 KiB in its middle. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MemoryBenchmark {

    private static final int BYTES = 64 << 10;

    private final PageList pages = PageList.allocate(BYTES / 4096);
    private final VmBuffer buffer = VmBuffer.allocate(BYTES);
    private final BioVectors vectors = vectors(buffer.buffer());

    private static BioVectors vectors(ByteBuf of) {
        List<BioVector> vectors = new ArrayList<>();
        for (int at = 0; at < BYTES; at += 8192) {
            vectors.add(new BioVector(of, at, 8192));
        }
        return BioVectors.of(vectors);
    }

    @TearDown
    public void release() {
        pages.release();
        buffer.release();
    }

    @Benchmark
    public int allOfPages() {
        return view(pages, 0, BYTES);
    }

    @Benchmark
    public int partOfPages() {
        return view(pages, 24 << 10, 16 << 10);
    }

    @Benchmark
    public int allOfVectors() {
        return view(vectors, 0, BYTES);
    }

    @Benchmark
    public int partOfVectors() {
        return view(vectors, 24 << 10, 16 << 10);
    }

    @Benchmark
    public int allOfBuffer() {
        return view(buffer, 0, BYTES);
    }

    @Benchmark
    public int partOfBuffer() {
        return view(buffer, 24 << 10, 16 << 10);
    }

    private static int view(IoMemory memory, long from, int bytes) {
        ByteBuf view = memory.retainedView(from, bytes);
        int capacity = view.capacity();
        view.release();
        return capacity;
    }
}
