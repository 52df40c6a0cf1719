package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.OneLine;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.ToIntFunction;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** Shows a mirror again and again until somebody asks to stop: redrawn on a terminal, else a line for each change. Blocks. */
final class StatusWatch {

    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final String CLEAR = "\u001b[H\u001b[2J"; // from the upper left corner on, as watch(1) does

    private final CommandContext context;
    private final boolean redraws;
    private String shown = "";
    private String told = "";
    private int code = ExitCode.GOOD;

    /**
     * @param redraws whether everything is shown each time, in place of what was there
     */
    StatusWatch(CommandContext context, boolean redraws) {
        this.context = context;
        this.redraws = redraws;
    }

    /**
     * Watches, until somebody asks to stop, or nobody reads what is printed any more.
     *
     * @param look prints how the mirror is, and returns the exit code
     * @return the exit code of the last look
     */
    int run(ToIntFunction<Console> look) {
        Flux.interval(Duration.ZERO, LOOK, Schedulers.boundedElastic())
                .onBackpressureDrop()
                .doOnNext(tick -> show(look))
                .takeUntil(tick -> context.console().checked().failure().isPresent())
                .takeUntilOther(context.shutdown().signal())
                .blockLast();
        return code;
    }

    private void show(ToIntFunction<Console> look) {
        Console console = context.console();
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        ByteArrayOutputStream faults = redraws ? text : new ByteArrayOutputStream(); // lines are for programs
        try (PrintStream out = new PrintStream(text, true, StandardCharsets.UTF_8);
                PrintStream err = new PrintStream(faults, true, StandardCharsets.UTF_8)) {
            code = look.applyAsInt(new Console(
                    console.in(),
                    console.data(),
                    out,
                    console.checked(),
                    err,
                    console.outLook(),
                    console.errLook(),
                    false));
        } catch (IllegalArgumentException | IllegalStateException refused) {
            code = ExitCode.MISUSE;
            text.reset();
            faults.reset();
            faults.writeBytes(
                    ("dmio: " + OneLine.of("" + refused.getMessage()) + "\n").getBytes(StandardCharsets.UTF_8));
        }
        if (!redraws) { // first, as whoever reads the lines may have it stopped
            told = printed(console.err(), faults, told, "");
        }
        shown = printed(console.out(), text, shown, redraws ? CLEAR : "");
    }

    /** Prints what is new; returns what is there from now on. */
    private static String printed(PrintStream to, ByteArrayOutputStream text, String before, String first) {
        String now = text.toString(StandardCharsets.UTF_8);
        if (!now.equals(before) && !now.isEmpty()) {
            to.print(first + now);
            to.flush();
        }
        return now;
    }
}
