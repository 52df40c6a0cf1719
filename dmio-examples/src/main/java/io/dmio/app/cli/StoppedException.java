package io.dmio.app.cli;

/** Ends a command that somebody asked to stop before it had begun its work; its exit code is {@link ExitCode#STOPPED}. */
public final class StoppedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Ends a command.
     *
     * @param message what it had not done yet
     * @param cause what says so
     */
    public StoppedException(String message, Throwable cause) {
        super(message, cause);
    }
}
