package io.dmio.app.events;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options for who is told of a mirror's events, besides the log. */
public final class EventOptions {

    @Option(
            names = "--on-event",
            paramLabel = "COMMAND",
            description =
                    "Run a shell command for each thing that happens, one after the other, to send mail or open a ticket. It"
                            + " finds what in its environment: DMIO_EVENT (LEG_FAILED, ...), DMIO_SEVERITY (INFO, WARNING,"
                            + " ERROR), DMIO_MESSAGE, DMIO_REMEDY, DMIO_LEG, DMIO_DEVICE, DMIO_MIRROR, DMIO_NUMBER and"
                            + " DMIO_TIME. It has 30 seconds; the mirror never waits for it.")
    private @Nullable String onEvent;

    /** Returns the hook of the program, if there is one; to be closed after the mirror, as it is told of the mirror's end. */
    public EventHook hook() {
        return new EventHook(command());
    }

    /**
     * Checks the options.
     *
     * @throws IllegalArgumentException if it is not a command
     */
    public void check() {
        command();
    }

    /** Returns the shell command; empty if there is none. */
    String command() {
        if (onEvent != null && onEvent.isBlank()) {
            throw new IllegalArgumentException("--on-event: has no command");
        }
        return onEvent == null ? "" : onEvent;
    }
}
