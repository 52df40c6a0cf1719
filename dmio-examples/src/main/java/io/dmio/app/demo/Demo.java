package io.dmio.app.demo;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.ProgressPrinter;
import io.dmio.app.cli.Sizes;
import io.dmio.app.copy.ByteSource;
import io.dmio.app.copy.CopyJob;
import io.dmio.app.copy.CopyReport;
import io.dmio.app.copy.CopySettings;
import io.dmio.app.copy.DeviceSource;
import io.dmio.app.copy.Sha256;
import io.dmio.app.mirror.MirrorRun;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.engine.OpenOptions;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.MirrorStatus;
import io.dmio.mirror.ScrubMode;
import io.dmio.mirror.ScrubReport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import reactor.core.publisher.Flux;

/** The acts of the demo, in order: mirror, resync, scrub, compare. Prints through {@link DemoText}. Blocks. */
final class Demo {

    private static final int FAILING_LEG = 1;
    private static final Duration CLEAN_AFTER = Duration.ofMillis(50); // else all is still dirty when the leg fails
    private static final int SUMS_AT_ONCE_MAX = 4;

    private final Plan plan;
    private final Engine engine;
    private final DemoText text;
    private final CommandContext context;

    Demo(Plan plan, Engine engine, DemoText text, CommandContext context) {
        this.plan = plan;
        this.engine = engine;
        this.text = text;
        this.context = context;
    }

    /**
     * The plan of what is shown.
     *
     * @param input the file
     * @param legs how many legs
     * @param pages the budget
     * @param direct whether to bypass the page cache
     */
    record Plan(DemoInput input, int legs, int pages, boolean direct) {
        /** Returns the mirror's size. */
        long mirrorBytes() {
            return Sizes.roundUp(input.bytes(), Sectors.PAGE_BYTES);
        }

        /** Returns where the leg fails. */
        long failsAt() {
            return input.bytes() * 2 / 5;
        }
    }

    /**
     * The outcome.
     *
     * @param plan what was asked for
     * @param engine what it ran on
     * @param copy the first act, as the copy saw it
     * @param failed the mirror after that
     * @param scrub what the third act found; empty if it was stopped before
     * @param sums each leg's sum in the end
     * @param memory what the memory did
     * @param elapsed the time of all acts
     */
    record Outcome(
            Plan plan,
            Engine engine,
            CopyReport copy,
            MirrorStatus failed,
            Optional<ScrubReport> scrub,
            List<String> sums,
            Memory memory,
            Duration elapsed) {

        boolean stopped() {
            return scrub.isEmpty() || sums.size() < plan.legs();
        }

        boolean allEqual() {
            return !stopped()
                    && copy.good()
                    && scrub.orElseThrow().isEqual()
                    && sums.stream().allMatch(copy.sha256().orElseThrow()::equals);
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
        MirrorOptions options = MirrorOptions.builder()
                .equalAlready(true) // new files, all zeroes
                .cleanAfter(CLEAN_AFTER)
                .build();
        long legSectors = options.legSectors(Sectors.ofBytes(plan.mirrorBytes()));
        made.open(plan.legs(), Sectors.toBytes(legSectors), engine.io(), plan.direct());
        List<BlockDevice> legs = new ArrayList<>(made.devices());
        FaultyDevice failing = FaultyDevice.of(legs.get(FAILING_LEG), FaultPlan.none());
        legs.set(FAILING_LEG, failing);
        text.begin(plan, engine, made.where());
        OpenOptions read = OpenOptions.readOnly().withDirect(plan.direct()).withTruncatedTail();
        BlockDevice file = Objects.requireNonNull(
                engine.io().open(plan.input().file(), read).block());
        try (MirrorRun run =
                MirrorRun.start(context, legs, devices -> MirrorDevice.create(devices, options), text::progress)) {
            DeviceSource source =
                    DeviceSource.ofFile(file, plan.input().file(), plan.input().bytes());
            ByteSource failingMidway =
                    source.when(plan.failsAt(), () -> failing.plan(FaultPlan.of(Fault.errno(Errno.EIO))));
            return acts(client, new Stage(run, failing, failingMidway), startNanos);
        } finally {
            file.close().block();
            client.close().block();
        }
    }

    /** What the acts work with. */
    private record Stage(MirrorRun run, FaultyDevice failing, ByteSource source) {}

    private Outcome acts(DmIo client, Stage stage, long startNanos) {
        MirrorRun run = stage.run;
        long bouncesBefore = PagePool.shared().bounceCount();
        CopyJob job = new CopyJob(client, stage.source, List.of(run.mirror()), CopySettings.DEFAULTS)
                .until(context.shutdown().signal());
        CopyReport copy = mirror(job);
        MirrorStatus failed = run.status();
        Memory memory = new Memory(job.pagesSeen(), PagePool.shared().bounceCount() - bouncesBefore);
        Optional<ScrubReport> scrub = Optional.empty();
        List<String> sums = List.of();
        if (!stopped()) {
            text.mirrored(copy, failed, memory, plan.pages());
            text.answersAgain(FAILING_LEG);
            stage.failing.plan(FaultPlan.none());
            run.resync();
        }
        if (!stopped()) {
            text.resynced(failed, run.status(), FAILING_LEG);
            ScrubReport found = run.scrub(ScrubMode.CHECK).orElseThrow();
            scrub = Optional.of(found);
            text.scrubbed(found);
        }
        if (!stopped()) {
            sums = sums(client, copy, run);
            text.compared(copy, sums);
        }
        Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
        return new Outcome(plan, engine, copy, failed, scrub, sums, memory, elapsed);
    }

    private CopyReport mirror(CopyJob job) {
        ProgressPrinter.Running progress =
                text.progress(job::bytesDone, plan.input().bytes());
        try {
            return Objects.requireNonNull(job.run().block(), "a copy has a report");
        } finally {
            progress.end();
        }
    }

    /** Computes the sums of the legs themselves, below the mirror. */
    private List<String> sums(DmIo client, CopyReport copy, MirrorRun run) {
        return Objects.requireNonNull(
                Flux.fromIterable(run.legs())
                        .takeWhile(leg -> !stopped())
                        .flatMapSequential(leg -> Sha256.of(client, leg, copy.bytes()), SUMS_AT_ONCE_MAX, 1)
                        .collectList()
                        .block(),
                "legs have sums");
    }

    private boolean stopped() {
        return context.shutdown().requested();
    }
}
