package io.dmio.examples.app;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.engine.OpenOptions;
import io.dmio.examples.app.FailedRanges.Range;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import reactor.core.publisher.Flux;

/** The acts of the demo, in order: mirror, compare, repair, compare. Prints through {@link DemoText}. Blocks. */
final class Demo {

    private static final int FAILING_LEG = 1;
    private static final int SUMS_AT_ONCE_MAX = 4;
    private static final long FAULT_SECTORS_MAX = (3 << 20) / Sectors.BYTES;

    private final Plan plan;
    private final Engine engine;
    private final DemoText text;
    private final Stop stop;

    Demo(Plan plan, Engine engine, DemoText text, Stop stop) {
        this.plan = plan;
        this.engine = engine;
        this.text = text;
        this.stop = stop;
    }

    /**
     * What is shown.
     *
     * @param input the file
     * @param legs how many legs
     * @param pages the budget
     * @param direct past the page cache
     */
    record Plan(DemoInput input, int legs, int pages, boolean direct) {}

    /**
     * What came out.
     *
     * @param plan what was asked for
     * @param engine what it ran on
     * @param copy the first act
     * @param before each leg's sum after it
     * @param repaired the ranges that were copied
     * @param after each leg's sum in the end
     * @param memory what the memory did
     * @param elapsed of all acts
     * @param stopped whether it ended early
     */
    record Outcome(
            Plan plan,
            Engine engine,
            CopyReport copy,
            List<String> before,
            List<Range> repaired,
            List<String> after,
            Memory memory,
            Duration elapsed,
            boolean stopped) {

        boolean allEqual() {
            return !stopped && after.stream().allMatch(copy.sha256()::equals);
        }
    }

    /**
     * The memory's numbers.
     *
     * @param pagesSeen most pages seen in use
     * @param bounces copies made because memory was not aligned
     */
    record Memory(int pagesSeen, long bounces) {}

    Outcome run(DemoLegs made) throws IOException {
        long startNanos = System.nanoTime();
        DmIo client = DmIo.create().get(plan.pages());
        long legBytes = ByteSource.roundUp(plan.input().bytes(), Sectors.PAGE_BYTES);
        made.open(plan.legs(), legBytes, engine.io(), plan.direct());
        List<BlockDevice> legs = new ArrayList<>(made.devices());
        List<Range> faults = faults(Sectors.ofBytes(legBytes));
        FaultyDevice failing = FaultyDevice.of(legs.get(FAILING_LEG), plan(faults));
        legs.set(FAILING_LEG, failing);
        text.begin(plan, engine, made.where(), faults);

        long bouncesBefore = PagePool.shared().bounceCount();
        OpenOptions read = OpenOptions.readOnly().withDirect(plan.direct()).withTruncatedTail();
        BlockDevice file = Objects.requireNonNull(
                engine.io().open(plan.input().file(), read).block());
        try {
            DeviceSource source = DeviceSource.ofFile(file, plan.input().file(), plan.input().bytes());
            CopyJob job = new CopyJob(client, source, legs, CopyOptions.DEFAULTS).until(stop.signal());
            CopyReport copy = mirror(job);
            Memory memory =
                    new Memory(job.pagesSeen(), PagePool.shared().bounceCount() - bouncesBefore);
            text.mirrored(copy, memory, plan.pages());
            Outcome outcome = repair(client, legs, failing, copy);
            Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
            return new Outcome(
                    plan, engine, copy, outcome.before(), outcome.repaired(), outcome.after(), memory, elapsed, stop.requested());
        } finally {
            file.close().block();
            client.close().block();
        }
    }

    private CopyReport mirror(CopyJob job) {
        ProgressPrinter.Running progress = text.progress(job::bytesDone, plan.input().bytes());
        try {
            return Objects.requireNonNull(job.run().block(), "a copy has a report");
        } finally {
            progress.end();
        }
    }

    private Outcome repair(DmIo client, List<BlockDevice> legs, FaultyDevice failing, CopyReport copy) {
        Memory none = new Memory(0, 0);
        List<String> before = sums(client, legs, copy);
        if (!stop.requested()) {
            text.compared(2, copy, before);
        }
        List<Range> ranges = copy.legs().get(FAILING_LEG).failed();
        if (stop.requested() || ranges.isEmpty()) {
            return new Outcome(plan, engine, copy, before, List.of(), before, none, Duration.ZERO, stop.requested());
        }
        failing.plan(FaultPlan.none());
        ErrorBits failed = Objects.requireNonNull(
                new Repair(client, legs.get(0), failing).run(ranges).block(), "a repair has a result");
        text.repaired(ranges, failed, FAILING_LEG);
        List<String> after = sums(client, legs, copy);
        if (!stop.requested()) {
            text.compared(4, copy, after);
        }
        return new Outcome(plan, engine, copy, before, ranges, after, none, Duration.ZERO, stop.requested());
    }

    private List<String> sums(DmIo client, List<BlockDevice> legs, CopyReport copy) {
        return Objects.requireNonNull(
                Flux.fromIterable(legs)
                        .takeWhile(leg -> !stop.requested())
                        .flatMapSequential(leg -> Sha256.of(client, leg, copy.bytes()), SUMS_AT_ONCE_MAX, 1)
                        .collectList()
                        .block(),
                "legs have sums");
    }

    /** Two places where the leg fails: after 2/5 and after 7/10; one if it is small. */
    private static List<Range> faults(long sectors) {
        long count = Math.max(1, Math.min(sectors / 40, FAULT_SECTORS_MAX));
        Range first = new Range(sectors * 2 / 5, count);
        return sectors < 4096 ? List.of(first) : List.of(first, new Range(sectors * 7 / 10, Math.max(1, count / 6)));
    }

    private static FaultPlan plan(List<Range> ranges) {
        return FaultPlan.of(ranges.stream()
                .map(range -> Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(range.sector(), range.count()))
                .toArray(Fault[]::new));
    }
}
