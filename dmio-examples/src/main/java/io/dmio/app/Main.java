package io.dmio.app;

import io.dmio.app.bench.BenchCommand;
import io.dmio.app.cli.Arguments;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.CommonOptions;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.HelpCommand;
import io.dmio.app.cli.InUse;
import io.dmio.app.cli.NearMiss;
import io.dmio.app.cli.OneLine;
import io.dmio.app.cli.ShutdownSignal;
import io.dmio.app.cli.StoppedException;
import io.dmio.app.cli.Subcommands;
import io.dmio.app.copy.CopyCommand;
import io.dmio.app.demo.DemoCommand;
import io.dmio.app.info.InfoCommand;
import io.dmio.app.mirror.MirrorCommand;
import io.dmio.app.serve.ServeCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import jnr.constants.platform.Signal;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * {@code dmio}, the mirroring app. Exit codes: 0 all good, 1 misuse, 2 something failed and was named, 130 stopped by
 * Ctrl-C. Errors are one line on standard error; {@code DMIO_DEBUG=1} adds the stack trace.
 */
@Command(
        name = "dmio",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        header = "Write one stream to many disks, and learn which of them failed.",
        description = "",
        commandListHeading = "%nCommands:%n",
        footer = {
            "",
            "Examples:",
            "  dmio demo                        three legs, one fails and is repaired",
            "  dmio copy disk.img a.img b.img   mirror a file to two others",
            "  dmio copy - a.img b.img < f      mirror a stream",
            "  dmio mirror create a.img b.img   a device that survives the loss of a disk",
            "  dmio serve disk.img              a disk for NBD clients",
            "  dmio info /dev/sda               what a disk promises",
            "  dmio bench --dir /mnt/data       which engine, depth and block size suit it",
            "",
            "Exit codes: 0 all good; 1 misuse; 2 something failed, and was named; 130 Ctrl-C."
        })
public final class Main implements Runnable {

    private static final Subcommands COMMANDS = new Subcommands() // in the order of the help
            .add("demo", DemoCommand.HEADER, DemoCommand::new)
            .add("copy", CopyCommand.HEADER, CopyCommand::new)
            .add("mirror", MirrorCommand.HEADER, MirrorCommand::new, MirrorCommand::commands)
            .add("serve", ServeCommand.HEADER, ServeCommand::new)
            .add("info", InfoCommand.HEADER, InfoCommand::new)
            .add("bench", BenchCommand.HEADER, BenchCommand::new)
            .add(HelpCommand.NAME, HelpCommand.HEADER, none -> new HelpCommand());

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    private Main() {}

    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        Console console = Console.system(System.getenv());
        if (console.debug()
                || Arrays.asList(args).contains(CommonOptions.VERBOSE)
                || Arrays.asList(args).contains("-v")) {
            System.setProperty(LogSetup.LEVEL, "INFO"); // read when the first logger is made
        }
        ShutdownSignal shutdown = new ShutdownSignal();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> shutDown(shutdown, console), "dmio-stop"));
        int code = run(Arguments.of(args), new CommandContext(console, shutdown, InUse.here()));
        Engine.closeAll();
        shutdown.ended(code);
        System.exit(code); // waits for ever if a shutdown runs already, and that decides the code then
    }

    /**
     * Runs a command, for tests and for embedding.
     *
     * @param args the command line
     * @param in standard input
     * @param out standard output
     * @param err standard error
     * @return the exit code
     */
    public static int run(String[] args, InputStream in, OutputStream out, OutputStream err) {
        return run(args, new CommandContext(Console.plain(in, out, err), new ShutdownSignal(), InUse.here()));
    }

    public static int run(String[] args, CommandContext context) {
        Console console = context.console();
        CommandLine line = new CommandLine(new Main());
        COMMANDS.describe(line, context, List.of(args));
        versions(line);
        Arguments.takenBy(line)
                .setOut(console.writer(console.out()))
                .setErr(console.writer(console.err()))
                .setColorScheme(CommandLine.Help.defaultColorScheme(
                        console.outLook().colour() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF))
                .setUsageHelpWidth(80)
                .setParameterExceptionHandler((bad, given) -> misuse(console, bad))
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(console, failure, command));
        return printed(console, line.execute(args));
    }

    /**
     * Returns what parses command lines, and describes commands.
     *
     * @return the parser of all commands; runs none
     */
    public static CommandLine parser() {
        Console nowhere = Console.plain(
                InputStream.nullInputStream(), OutputStream.nullOutputStream(), OutputStream.nullOutputStream());
        CommandContext context = new CommandContext(nowhere, new ShutdownSignal(), InUse.here());
        CommandLine line = new CommandLine(new Main());
        COMMANDS.describeAll(line, context);
        return Arguments.takenBy(line);
    }

    /** Returns the exit code: text that did not reach its reader is a failure, unless the reader has left. */
    private static int printed(Console console, int code) {
        console.out().flush();
        IOException failure = console.checked().failure().orElse(null);
        if (failure == null) {
            return code;
        }
        if (String.valueOf(failure.getMessage()).contains("Broken pipe")) {
            return code == ExitCode.GOOD ? ExitCode.UNREAD : code;
        }
        say(console, failure, "standard output: " + failure.getMessage());
        return code == ExitCode.GOOD ? ExitCode.SOME_FAILED : code;
    }

    /** Lets every command tell the version, not only the app. */
    private static void versions(CommandLine line) {
        line.getCommandSpec().versionProvider(new Version());
        line.getSubcommands().values().forEach(Main::versions);
    }

    /** Runs without a command. */
    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "no command: use one of " + String.join(", ", COMMANDS.names()));
    }

    private static int misuse(Console console, ParameterException bad) {
        String command = bad.getCommandLine().getCommandSpec().qualifiedName(" ");
        say(console, bad, words(bad) + " (try: " + command + " --help)");
        return ExitCode.MISUSE;
    }

    /** Returns what is wrong with a command line; for a word that is not a command, also which ones may have been meant. */
    private static String words(ParameterException bad) {
        Set<String> commands = bad.getCommandLine().getSubcommands().keySet();
        if (!(bad instanceof UnmatchedArgumentException unmatched)
                || commands.isEmpty()
                || unmatched.getUnmatched().get(0).startsWith("-")) {
            return String.valueOf(bad.getMessage());
        }
        String word = unmatched.getUnmatched().get(0);
        List<String> elsewhere = named(word, parser()).toList();
        List<String> alike = elsewhere.isEmpty() ? NearMiss.of(word, commands) : elsewhere;
        return "'" + word + "' is no command: "
                + (alike.isEmpty()
                        ? "use one of " + String.join(", ", commands)
                        : "did you mean " + String.join(" or ", alike) + "?");
    }

    /** Returns all commands of a name, wherever they are. */
    private static Stream<String> named(String word, CommandLine command) {
        return command.getSubcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .filter(below -> !below.helpCommand())
                .flatMap(below -> Stream.concat(
                        below.name().equals(word) ? Stream.of(below.qualifiedName(" ")) : Stream.empty(),
                        named(word, below.commandLine())));
    }

    private static int failed(Console console, Exception failure, CommandLine command) {
        say(console, failure, Objects.requireNonNullElse(failure.getMessage(), failure.toString()));
        return failure instanceof StoppedException
                ? ExitCode.STOPPED
                : command.getCommandSpec().exitCodeOnExecutionException(); // misuse, where it does not say otherwise
    }

    private static void say(Console console, Exception failure, String text) {
        console.err().println("dmio: " + OneLine.of(text.strip()));
        if (console.debug()) {
            failure.printStackTrace(console.err());
        }
    }

    /** Ends the command on a signal, and the process with the command's exit code; the JVM would make it 128 + signal. */
    private static void shutDown(ShutdownSignal shutdown, Console console) {
        if (shutdown.hasEnded()) {
            return; // the usual exit
        }
        endAtTheNextSignal();
        if (shutdown.requestAndAwait()) {
            Runtime.getRuntime().halt(shutdown.code());
        } else {
            console.err().println("dmio: what is in flight did not end in 10 seconds; left as it is");
        }
    }

    // The JVM ignores a second signal while it shuts down; but a user that sends one does not want to wait.
    private static void endAtTheNextSignal() {
        POSIX signals = POSIXFactory.getJavaPOSIX();
        for (Signal signal : List.of(Signal.SIGINT, Signal.SIGTERM)) {
            signals.signal(signal, number -> Runtime.getRuntime().halt(ExitCode.SIGNALLED + number));
        }
    }

    /** The version in the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {
                "dmio " + Objects.requireNonNullElse(version, "of classes without a jar"),
                "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " "
                        + System.getProperty("os.version")
            };
        }
    }
}
