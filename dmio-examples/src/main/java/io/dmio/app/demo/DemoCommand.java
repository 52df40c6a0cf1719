package io.dmio.app.demo;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.CommonOptions;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.demo.Demo.Outcome;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dmio demo}: writes a real file to a mirror of which a leg fails, resyncs, scrubs, compares. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = DemoCommand.HEADER,
        description = {
            "",
            "Needs no arguments: it takes a file of the JDK and makes its legs in a temporary directory, which is gone"
                    + " afterwards. At most 256 MiB of the file are used.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  dmio demo",
            "  dmio demo --legs 5 --budget 64p big.iso",
            "  sudo dmio demo --loop --direct"
        })
public final class DemoCommand implements Callable<Integer> {

    /** What the command is for, in a line of the help. */
    public static final String HEADER = "Write a file to a mirror of three legs; one fails, and gets what it missed.";

    private static final int LEGS_MAX = 16;

    private final CommandContext context;

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "What to mirror. Default: the JDK's lib/modules.")
    private String file = "";

    @Option(names = "--legs", paramLabel = "N", description = "How many, 2 to 16. Default: 3.")
    private int legs = 3;

    @Option(
            names = "--budget",
            paramLabel = "SIZE",
            converter = CommonOptions.Pages.class,
            description = "Memory in flight: 1M, 64K, 256p (pages of 4 KiB). Default: 256p.")
    private int pages = 256;

    @Option(names = "--loop", description = "Loop devices instead of files; needs root, detached at the end.")
    private boolean loop;

    @ArgGroup
    private Caching caching = new Caching();

    @Option(names = "--keep", description = "Leave the legs' files there, and say where.")
    private boolean keep;

    @Mixin
    private CommonOptions common = new CommonOptions();

    public DemoCommand(CommandContext context) {
        this.context = context;
    }

    /** Whether to bypass the page cache or to use it. */
    static final class Caching {
        @Option(names = "--direct", description = "Past the page cache (O_DIRECT).")
        private boolean direct;

        @Option(names = "--buffered", description = "Through the page cache; the default.")
        private boolean buffered;

        boolean direct() {
            return direct && !buffered;
        }
    }

    @Override
    public Integer call() throws IOException {
        if (legs < 2 || legs > LEGS_MAX) {
            throw new IllegalArgumentException("--legs " + legs + ": 2 to " + LEGS_MAX);
        }
        long room = DemoLegs.parent().toFile().getUsableSpace() / 10 * 9 / legs;
        DemoInput input = DemoInput.of(file, room);
        Engine engine = common.engine();
        DemoText text = new DemoText(context.console(), common.json());
        try (DemoLegs made = new DemoLegs(loop, keep)) {
            Demo demo = new Demo(new Demo.Plan(input, legs, pages, caching.direct()), engine, text, context);
            Outcome outcome = demo.run(made);
            text.end(outcome, keep ? made.directory().toString() : "");
            return outcome.stopped() ? ExitCode.STOPPED : outcome.allEqual() ? ExitCode.GOOD : ExitCode.SOME_FAILED;
        }
    }
}
