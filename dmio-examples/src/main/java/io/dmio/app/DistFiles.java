package io.dmio.app;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Writes what a package has for the commands, generated from them: manual pages, and completion for bash. */
final class DistFiles {

    private static final int WIDTH = 80;

    private final Path folder;

    private DistFiles(Path folder) {
        this.folder = folder;
    }

    /**
     * Writes the files.
     *
     * @param args the folder
     * @throws IOException if the folder cannot be written
     */
    public static void main(String[] args) throws IOException {
        CommandLine all = Main.parser();
        all.setUsageHelpWidth(WIDTH);
        DistFiles files = new DistFiles(Files.createDirectories(Path.of(args[0])));
        files.write(
                "dmio.bash",
                AutoComplete.bash("dmio", all).replaceFirst("^#!.*\n", "") + "\n"); // which is read, and not run
        files.manuals(all);
    }

    private void manuals(CommandLine command) throws IOException {
        String manual = manual(command);
        write(name(command) + ".1", manual);
        compressed(name(command) + ".1.gz", manual);
        for (CommandLine below : command.getSubcommands().values()) {
            if (!below.getCommandSpec().name().equals("help")) {
                manuals(below);
            }
        }
    }

    private static String name(CommandLine command) {
        return command.getCommandSpec().qualifiedName("-");
    }

    /** Returns what the command says about itself, as it says it: lines are not filled. */
    private static String manual(CommandLine command) {
        CommandLine.Help help = command.getHelp();
        String header = String.join(" ", command.getCommandSpec().usageMessage().header());
        String about = rendered(command, UsageMessageSpec.SECTION_KEY_DESCRIPTION);
        String options = rendered(command, UsageMessageSpec.SECTION_KEY_PARAMETER_LIST)
                + rendered(command, UsageMessageSpec.SECTION_KEY_OPTION_LIST);
        String see = command.getSubcommands().values().stream()
                .filter(below -> !below.getCommandSpec().name().equals("help"))
                .map(below -> ".BR " + escaped(name(below)) + " (1)\n")
                .collect(Collectors.joining());
        return ".TH " + name(command).toUpperCase(Locale.ROOT) + " 1 \"\" dmio\n.SH NAME\n"
                + escaped(name(command)) + " \\- " + escaped(header) + "\n"
                + section("SYNOPSIS", help.synopsis(0))
                + section("DESCRIPTION", about.isBlank() ? header : about)
                + section("OPTIONS", options)
                + section("COMMANDS", rendered(command, UsageMessageSpec.SECTION_KEY_COMMAND_LIST))
                + section("NOTES", rendered(command, UsageMessageSpec.SECTION_KEY_FOOTER))
                + (see.isEmpty() ? "" : ".SH SEE ALSO\n" + see);
    }

    private static String rendered(CommandLine command, String key) {
        IHelpSectionRenderer renderer = command.getHelpSectionMap().get(key);
        return renderer == null ? "" : renderer.render(command.getHelp());
    }

    private static String section(String title, String text) {
        return text.isBlank()
                ? ""
                : ".SH " + title + "\n.nf\n"
                        + Arrays.stream(trimmed(text)).map(DistFiles::line).collect(Collectors.joining("\n"))
                        + "\n.fi\n";
    }

    /** Returns the lines of a text, without empty ones before the first and after the last. */
    private static String[] trimmed(String text) {
        return text.replaceFirst("^(?:[ \\t]*\\R)+", "").stripTrailing().split("\\R");
    }

    private static String line(String text) {
        String escaped = escaped(text);
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-");
    }

    /** Compresses as Debian's policy wants it: at the best level, and without a time. */
    private void compressed(String name, String content) throws IOException {
        try (OutputStream file = new BestGzip(Files.newOutputStream(folder.resolve(name)))) {
            file.write(content.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static final class BestGzip extends GZIPOutputStream {

        BestGzip(OutputStream to) throws IOException {
            super(to);
            def.setLevel(Deflater.BEST_COMPRESSION);
        }
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(folder.resolve(name), content);
    }
}
