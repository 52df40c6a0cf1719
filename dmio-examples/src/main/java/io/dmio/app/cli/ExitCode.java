package io.dmio.app.cli;

/** The exit codes of the process, for the shell. */
public final class ExitCode {

    /** All good. */
    public static final int GOOD = 0;

    /** The command line was wrong, or the command was refused before it began. */
    public static final int MISUSE = 1;

    /** Something failed, and was named. */
    public static final int SOME_FAILED = 2;

    /** Stopped by Ctrl-C. */
    public static final int STOPPED = 130;

    /** The exit code of a process that a signal ended, as shells have it, is this plus the signal's number. */
    public static final int SIGNALLED = 128;

    /** Nobody reads the output any more, as in {@code dmio info x | head -1}: the number that shells use for SIGPIPE. */
    public static final int UNREAD = 141;

    private ExitCode() {}
}
