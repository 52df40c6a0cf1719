package io.dmio.app.mirror;

import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.ExitCode;
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
    private int code = ExitCode.GOOD;

    /**
     * @param redraws whether all of it is to be shown each time in the place of what was there
     */
    StatusWatch(CommandContext context, boolean redraws) {
        this.context = context;
        this.redraws = redraws;
    }

    /**
     * Watches.
     *
     * @param look prints how the mirror is, and gives the exit code
     * @return that of the last look
     */
    int run(ToIntFunction<Console> look) {
        Flux.interval(Duration.ZERO, LOOK, Schedulers.boundedElastic())
                .onBackpressureDrop()
                .doOnNext(tick -> show(look))
                .takeUntilOther(context.shutdown().signal())
                .blockLast();
        return code;
    }

    private void show(ToIntFunction<Console> look) {
        Console console = context.console();
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (PrintStream to = new PrintStream(text, true, StandardCharsets.UTF_8)) {
            code = look.applyAsInt(new Console(
                    console.in(),
                    console.data(),
                    to,
                    console.checked(),
                    to,
                    console.outLook(),
                    console.errLook(),
                    false));
        } catch (IllegalArgumentException | IllegalStateException refused) {
            code = ExitCode.MISUSE;
            text.reset();
            text.writeBytes(("dmio: " + refused.getMessage() + "\n").getBytes(StandardCharsets.UTF_8));
        }
        String now = text.toString(StandardCharsets.UTF_8);
        if (!now.equals(shown)) {
            console.out().print((redraws ? CLEAR : "") + now);
            console.out().flush();
            shown = now;
        }
    }
}
