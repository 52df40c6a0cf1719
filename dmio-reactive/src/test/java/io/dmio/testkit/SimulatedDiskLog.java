package io.dmio.testkit;

import io.dmio.BlockOp;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import reactor.core.scheduler.Scheduler;

/** What a {@link SimulatedDisk} was asked for and what became of it. It is put into words when somebody asks, as hardly anybody does. */
final class SimulatedDiskLog {

    private final String disk;
    private final Scheduler clock;
    private final List<Supplier<String>> lines = new ArrayList<>();

    SimulatedDiskLog(String disk, Scheduler clock) {
        this.disk = disk;
        this.clock = clock;
    }

    /** Something happens to the disk. */
    void add(Supplier<String> what) {
        long nanos = clock.now(TimeUnit.NANOSECONDS);
        lines.add(() -> nanos + " " + disk + " " + what.get());
    }

    /** Something happens to an operation. */
    void add(int id, String what) {
        add(() -> "#" + id + " " + what);
    }

    /** An operation comes. Its memory may be another's when somebody asks. */
    void add(int id, BlockOp op) {
        BlockOp.Kind kind = op.kind();
        long first = op.sector();
        long end = first + op.sectorCount();
        String force = op instanceof BlockOp.Write write && write.fua() ? " fua" : "";
        add(() -> "#" + id + " " + kind.words()
                + (kind == BlockOp.Kind.FLUSH ? "" : " [" + first + ", " + end + ")" + force));
    }

    /** All so far. */
    List<String> words() {
        return lines.stream().map(Supplier::get).toList();
    }
}
