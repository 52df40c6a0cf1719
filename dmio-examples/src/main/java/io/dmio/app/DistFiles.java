package io.dmio.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.AutoComplete;
import picocli.CommandLine;

/** Writes what a package has of the commands, made from them: manual pages, and completion for bash. */
final class DistFiles {

    private static final int WIDTH = 80;

    private final Path folder;

    private DistFiles(Path folder) {
        this.folder = folder;
    }

    /**
     * Writes them.
     *
     * @param args the folder
     * @throws IOException if it cannot be written
     */
    public static void main(String[] args) throws IOException {
        CommandLine all = Main.parser();
        all.setUsageHelpWidth(WIDTH);
        DistFiles files = new DistFiles(Files.createDirectories(Path.of(args[0])));
        files.write("dmio.bash", AutoComplete.bash("dmio", all) + "\n");
        files.manuals(all);
    }

    private void manuals(CommandLine command) throws IOException {
        write(name(command) + ".1", manual(command));
        for (CommandLine below : command.getSubcommands().values()) {
            if (!below.getCommandSpec().name().equals("help")) {
                manuals(below);
            }
        }
    }

    private static String name(CommandLine command) {
        return command.getCommandSpec().qualifiedName("-");
    }

    /** What the command says of itself, as it says it: its lines are not filled. */
    private static String manual(CommandLine command) {
        String header = String.join(" ", command.getCommandSpec().usageMessage().header());
        String help = command.getUsageMessage(CommandLine.Help.Ansi.OFF);
        String see = command.getSubcommands().values().stream()
                .filter(below -> !below.getCommandSpec().name().equals("help"))
                .map(below -> ".BR " + escaped(name(below)) + " (1)\n")
                .collect(Collectors.joining());
        return ".TH " + name(command).toUpperCase(Locale.ROOT) + " 1 \"\" dmio\n.SH NAME\n"
                + escaped(name(command)) + " \\- " + escaped(header) + "\n.SH DESCRIPTION\n.nf\n"
                + Arrays.stream(help.split("\n", -1)).map(DistFiles::line).collect(Collectors.joining("\n"))
                + "\n.fi\n" + (see.isEmpty() ? "" : ".SH SEE ALSO\n" + see);
    }

    private static String line(String text) {
        String escaped = escaped(text);
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-");
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(folder.resolve(name), content);
    }
}
