package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.OneLine;
import io.dmio.app.cli.StoppedException;
import io.dmio.app.config.ConfigFile;
import io.dmio.app.config.ConfigText;
import io.dmio.app.control.RunDirectoryOption;
import io.dmio.app.events.EventHook;
import io.dmio.app.events.EventLines;
import io.dmio.app.events.EventOptions;
import io.dmio.app.metrics.History;
import io.dmio.app.page.Page;
import io.dmio.app.page.PageOptions;
import io.dmio.app.page.PageTls;
import io.dmio.app.schedule.Plan;
import io.dmio.app.schedule.ScheduleOptions;
import io.dmio.app.serve.HangupSignal;
import io.dmio.app.serve.ServeOptions;
import io.dmio.app.serve.Serving;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.nbd.BlockStatus;
import io.dmio.nbd.NbdExport;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Mono;

/** {@code dmio mirror serve}: serves a mirror to NBD clients, which go on as long as one leg has everything. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeOnExecutionException = ExitCode.SOME_FAILED,
        header = MirrorServeCommand.HEADER,
        description = {
            "",
            "A leg that fails is set aside and recorded; clients notice nothing. When it is back it gets what it missed. So does"
                    + " one that is not there at the start, where no write can be lost without it."
                    + " Clients that ask for the metadata context dmio:chunks are told of each run of chunks whether it is"
                    + " being written (1) or copied (2), and which legs lack it (65536 for the first, 131072 for the second, ...).",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  dmio mirror serve a.img b.img                       nbd://127.0.0.1",
            "  dmio mirror serve --leg a.img --leg nbd://host2/disk   a leg elsewhere",
            "  dmio mirror serve --metrics 9464 a.img b.img        for Prometheus",
            "  dmio mirror serve --page 9465 a.img b.img           and dmio mirror page for the link",
            "  dmio mirror serve a.img b.img \\",
            "      --on-event 'echo \"$DMIO_MESSAGE\" | mail -s \"dmio: $DMIO_EVENT\" root'",
            "",
            "TERM and Ctrl-C let clients take their answers, close the mirror clean, and end with 0.",
            "",
            "Exit codes: 1 the command line or the file is wrong, and so is the next start;",
            "2 what it found does not let it serve: legs, another owner, a port that is taken."
        })
final class MirrorServeCommand implements Callable<Integer> {

    /** What it is for, in a line of the help. */
    static final String HEADER = "Serve a mirror to NBD clients, until stopped.";

    private static final long RESYNC_BYTES_PER_SECOND_MIN = 4 << 20; // while clients are at it

    private static final String CHUNKS = "dmio:chunks"; // a metadata context of our own

    private final CommandContext context;

    @Mixin
    private MirrorLegs given = new MirrorLegs();

    @Option(
            names = "--degraded",
            description =
                    "Start without legs that took part when last seen. Only if you know that they have not gone on alone.")
    private boolean degraded;

    @Option(names = "--read-only", description = "Refuse every change.")
    private boolean readOnly;

    @Option(names = "--name", paramLabel = "NAME", description = "The export's name. Default: none, and any will do.")
    private String name = NbdExport.DEFAULT_NAME;

    @Option(names = "--print-config", description = "Print the file that says the same (TOML), and end.")
    private boolean printConfig;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    @Mixin
    private ServeOptions options = new ServeOptions();

    @Mixin
    private PageOptions pageOptions = new PageOptions();

    @Mixin
    private ScheduleOptions schedule = new ScheduleOptions();

    @Mixin
    private EventOptions events = new EventOptions();

    @Mixin
    private RunDirectoryOption directory = new RunDirectoryOption();

    @Mixin
    private TakeoverOption takeover = new TakeoverOption();

    MirrorServeCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        if (printConfig) {
            context.console().out().print(ConfigText.of(spec.commandLine().getParseResult(), given.given()));
            return ExitCode.GOOD;
        }
        requireGood();
        try (HangupSignal hangup = given.file().isPresent() ? HangupSignal.await() : HangupSignal.none();
                Serving serving = new Serving(context, options, given.json());
                Page page = pageOptions.start(
                        directory.get(), options.certificate().map(own -> PageTls.of(own.file(), own.key())))) {
            MirrorServer.requireNone(directory.get(), given, "stop that one first");
            MirrorLegs legs = given.absolute(); // so that their names mean the same to all that ask
            legs.metered(serving.metrics());
            return serve(serving, hangup, page, legs);
        } catch (StoppedException early) {
            context.console().err().println(OneLine.of("dmio: " + early.getMessage()));
            return ExitCode.GOOD; // as when it serves
        }
    }

    // What is wrong whatever this machine has counts as misuse: a service manager does not try that again.
    private void requireGood() {
        try {
            given.file().ifPresentOrElse(file -> line(file).check(file), this::check);
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), String.valueOf(wrong.getMessage()), wrong);
        }
    }

    private ServeLine line(Path file) {
        return new ServeLine(this, spec.commandLine().getParseResult(), ConfigFile.places(file, spec));
    }

    /**
     * Checks the options together, without looking at any disk.
     *
     * @throws IllegalArgumentException if nothing could be served with them; the message begins with the option that is wrong, if one is
     */
    void check() {
        checkLegs();
        checkOptions();
    }

    /** Checks only the legs. */
    void checkLegs() {
        given.requirePossible();
    }

    /** Checks everything but the legs. */
    void checkOptions() {
        checkName();
        options.check();
        pageOptions.check(options.certificate().isPresent());
        schedule.plan();
        events.check();
    }

    private void checkName() {
        try {
            NbdExport.requireName(name);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException("--name: " + wrong.getMessage(), wrong);
        }
    }

    /** Returns what can be changed while the mirror is served. */
    Live live() {
        return new Live(schedule.plan(), events, options);
    }

    /** Returns the legs of the file, by names that mean the same everywhere. */
    List<String> legs() {
        return given.absolute().given();
    }

    private int serve(Serving serving, HangupSignal hangup, Page page, MirrorLegs legs) {
        Plan plan = schedule.plan();
        long slowest = Math.min(RESYNC_BYTES_PER_SECOND_MIN, plan.rate());
        MirrorOptions.Builder how = MirrorStarting.options(context)
                .owner(takeover.owner(context))
                .degraded(degraded)
                .stableMemory(true) // nobody else uses the server's buffers
                .resyncBytesPerSecond(slowest, plan.rate());
        History history = serving.metrics().remembered();
        page.uri().ifPresent(uri -> serving.tells("page", uri.toString()));
        try (EventHook hook = events.hook();
                MirrorRun run = MirrorRun.open(context, legs, how.build());
                Arrivals arrivals = new Arrivals(context, run.local(), run.absent(), legs::openToWrite);
                MirrorHistory remembered = new MirrorHistory(history, run.mirror());
                MirrorEndpoint endpoint = new MirrorEndpoint(
                        context,
                        run.local(),
                        directory.get(),
                        new MirrorEndpoint.Beside(arrivals::absent, remembered, page));
                Housekeeping keeping = new Housekeeping(serving, hook)) {
            run.absent().forEach(this::say);
            EventLines.log(run.mirror());
            hook.listen(run.mirror());
            serving.metrics().shows(run.mirror());
            NbdExport export = NbdExport.of(name, history.of(run.mirror()))
                    .withDescription("mirror of " + legs.given().size())
                    .withStatus(CHUNKS, (sector, count) -> chunks(run.mirror(), sector, count));
            serving.lives(run.mirror().status().map(StatusWords::of));
            Optional<Reload> reload = given.file().map(file -> reload(file, keeping, run.local()));
            serving.whenListening(uri -> {
                MirrorEndpoint.Served served = new MirrorEndpoint.Served(name, uri, plan.rate());
                keeping.begin(plan, endpoint.start(served, List.of(Reload.route(reload))));
                reload.ifPresent(again -> hangup.calls(again::asked));
            });
            return serving.run(List.of(readOnly ? export.asReadOnly() : export), legs.given(), legs.engine());
        }
    }

    private void say(String leg, String why) {
        context.console()
                .err()
                .println(OneLine.of("dmio: " + leg + ": " + why)
                        + "; the mirror goes on without it, and takes it in when it comes");
    }

    private Reload reload(Path file, Housekeeping keeping, LocalSteering mirror) {
        ServeLine started = line(file);
        return new Reload(
                started,
                () -> ServeLine.read(context, started.parsed().originalArgs(), file),
                keeping::change,
                mirror::status);
    }

    private static Mono<List<BlockStatus.Run>> chunks(MirrorDevice mirror, long sector, long count) {
        return mirror.chunks(sector, count)
                .map(runs -> runs.stream()
                        .map(run -> new BlockStatus.Run(run.sectorCount(), run.status()))
                        .toList());
    }
}
