package io.dmio.bench;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.dmio.device.MemoryDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import reactor.core.publisher.Mono;

/**
 * One request of 4 KiB from subscribe to result: fan-out and merge over memory, which copies the bytes, and over devices that
 * answer at once and do nothing, so that what is left is the client's own work.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FanOutBenchmark {

    @Param({"1", "3", "8", "64"})
    int legs;

    private final DmIo client = DmIo.create().get(16);
    private final VmBuffer page = VmBuffer.allocate(4096);
    private List<IoRegion> memory = List.of();
    private List<IoRegion> nothing = List.of();

    @Setup
    public void open() {
        List<IoRegion> disks = new ArrayList<>();
        List<IoRegion> sinks = new ArrayList<>();
        for (int leg = 0; leg < legs; leg++) {
            disks.add(IoRegion.all(MemoryDevice.of("memory" + leg, 8)));
            sinks.add(IoRegion.all(new Nothing()));
        }
        memory = List.copyOf(disks);
        nothing = List.copyOf(sinks);
    }

    @Benchmark
    public @Nullable ErrorBits writeToMemory() {
        return client.write(memory, page).block();
    }

    @Benchmark
    public @Nullable ErrorBits writeToNothing() {
        return client.write(nothing, page).block();
    }

    @Benchmark
    public @Nullable ErrorBits readOfMemory() {
        return client.read(memory.get(0), page).block();
    }

    /** Has done everything already. */
    private static final class Nothing implements BlockDevice {

        private final DeviceInfo info = DeviceInfo.of("nothing", 8, "none");

        @Override
        public DeviceInfo info() {
            return info;
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            return Mono.empty();
        }

        @Override
        public Mono<Void> close() {
            return Mono.empty();
        }
    }
}
