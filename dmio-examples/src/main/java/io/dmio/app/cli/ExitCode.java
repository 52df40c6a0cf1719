package io.dmio.app.cli;

/** How the process ended, as a number for the shell. */
public final class ExitCode {

    /** All good. */
    public static final int GOOD = 0;

    /** The command line was wrong, or the command was refused before it began. */
    public static final int MISUSE = 1;

    /** Something failed, and was named. */
    public static final int SOME_FAILED = 2;

    /** Stopped by Ctrl-C. */
    public static final int STOPPED = 130;

    /** What a shell calls the end of a process by a signal: this and the signal's number. */
    public static final int SIGNALLED = 128;

    /** Nobody reads what is printed any more, as in {@code dmio info x | head -1}: what a shell calls SIGPIPE. */
    public static final int UNREAD = 141;

    private ExitCode() {}
}
