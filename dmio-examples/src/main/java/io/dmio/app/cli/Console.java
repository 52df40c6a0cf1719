package io.dmio.app.cli;

import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * The streams of a command, and what they can show.
 *
 * @param in standard input
 * @param data standard output for bytes; reports errors, which {@code out} swallows
 * @param out standard output for text
 * @param checked what {@code out} prints to
 * @param err standard error for text
 * @param outLook what {@code out} can show
 * @param errLook what {@code err} can show
 * @param debug whether stack traces are wanted
 */
public record Console(
        InputStream in,
        OutputStream data,
        PrintStream out,
        CheckedOutput checked,
        PrintStream err,
        Look outLook,
        Look errLook,
        boolean debug) {

    private static final int COLUMNS_MAX = 80;

    /** Returns the console of the process. */
    public static Console system(Map<String, String> environment) {
        boolean unicode = unicode(environment);
        Charset charset = unicode ? StandardCharsets.UTF_8 : StandardCharsets.US_ASCII;
        OutputStream data = new FileOutputStream(FileDescriptor.out);
        CheckedOutput checked = new CheckedOutput(data);
        boolean redraws = redraws(environment);
        boolean colour = environment.getOrDefault("NO_COLOR", "").isEmpty();
        boolean outTerminal = redraws && isTerminal(1);
        boolean errTerminal = redraws && isTerminal(2);
        int columns = outTerminal || errTerminal ? columns() : COLUMNS_MAX;
        return new Console(
                new BufferedInputStream(new FileInputStream(FileDescriptor.in), 1 << 16),
                data,
                new PrintStream(checked, true, charset),
                checked,
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, charset),
                new Look(outTerminal, outTerminal && colour, unicode, columns),
                new Look(errTerminal, errTerminal && colour, unicode, columns),
                environment.getOrDefault("DMIO_DEBUG", "").equals("1"));
    }

    /** Returns whether a terminal knows escape sequences. */
    static boolean redraws(Map<String, String> environment) {
        return !environment.getOrDefault("TERM", "dumb").equals("dumb");
    }

    /** Returns a console of plain streams, as for a pipe. */
    public static Console plain(InputStream in, OutputStream out, OutputStream err) {
        CheckedOutput checked = new CheckedOutput(out);
        return new Console(
                in,
                out,
                new PrintStream(checked, true, StandardCharsets.UTF_8),
                checked,
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Look.PLAIN,
                Look.PLAIN,
                false);
    }

    /** Returns one of the two text outputs as picocli wants it. */
    public PrintWriter writer(PrintStream to) {
        return new PrintWriter(to, true, outLook.unicode() ? StandardCharsets.UTF_8 : StandardCharsets.US_ASCII);
    }

    /** Returns whether more than ASCII can be shown. The locale's rule: the first of the three variables that is set decides. */
    public static boolean unicode(Map<String, String> environment) {
        for (String name : new String[] {"LC_ALL", "LC_CTYPE", "LANG"}) {
            String value = environment.getOrDefault(name, "");
            if (!value.isEmpty()) {
                String locale = value.toUpperCase(Locale.ROOT);
                return locale.contains("UTF-8") || locale.contains("UTF8");
            }
        }
        return false;
    }

    // System.console() tells of input and output together, and of neither since JDK 22.
    private static boolean isTerminal(int fd) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd", Integer.toString(fd)))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException unknown) {
            return false;
        }
    }

    private static int columns() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(Path.of("/dev/tty").toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String answer = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).trim();
            int columns = Integer.parseInt(answer.substring(answer.indexOf(' ') + 1));
            return columns > 0 ? Math.min(columns, COLUMNS_MAX) : COLUMNS_MAX;
        } catch (IOException | NumberFormatException unknown) {
            return COLUMNS_MAX;
        }
    }
}
