package io.dmio.bench.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Copies one file to one or three others with each {@link CopyTool} that is installed, in turn: wall-clock and processor
 * seconds of the whole process. Each MiB of the legs is spoiled before a run and the legs are compared with the source after it, so a fast wrong
 * copy cannot win. Run it where {@code ./dmio} is.
 *
 * <p>Arguments: {@code --target DIR} (with room for the source and all legs), {@code --rounds N}, {@code --size-mib N},
 * {@code --legs 1|3}, {@code --holes yes|no} (of each 32 MiB of the source the second half is a hole), {@code --report DIR}.
 */
public final class CopyRun {

    private static final int MIB = 1 << 20;

    private final Path directory;
    private final Path source;
    private final List<Path> legs;
    private final int sizeMib;
    private final boolean hasHoles;
    private final Map<CopyTool, List<Program>> runs = new LinkedHashMap<>();
    private final Map<CopyTool, String> refusals = new LinkedHashMap<>();

    private CopyRun(Path directory, int sizeMib, int legs, boolean hasHoles) {
        this.directory = directory;
        this.sizeMib = sizeMib;
        this.hasHoles = hasHoles;
        this.source = directory.resolve("dmio-copy-source");
        this.legs = IntStream.range(0, legs)
                .mapToObj(i -> directory.resolve("dmio-copy-" + i))
                .toList();
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length == 0 || args.length % 2 != 0) {
            Console.say(
                    "Arguments: --target DIR [--rounds N] [--size-mib N] [--legs 1|3] [--holes yes|no] [--report DIR]");
            return;
        }
        CopyRun copies = new CopyRun(
                Path.of(option(args, "--target", ".")),
                Integer.parseInt(option(args, "--size-mib", "2048")),
                Integer.parseInt(option(args, "--legs", "3")),
                option(args, "--holes", "no").equals("yes"));
        copies.run(Integer.parseInt(option(args, "--rounds", "3")));
        Path report = Path.of(option(args, "--report", "target/copies"));
        Files.createDirectories(report);
        Files.writeString(report.resolve("report.md"), copies.report());
        Console.say("the report is " + report.resolve("report.md"));
    }

    private static String option(String[] args, String name, String otherwise) {
        for (int i = 0; i < args.length; i += 2) {
            if (args[i].equals(name)) {
                return args[i + 1];
            }
        }
        return otherwise;
    }

    private void run(int rounds) throws IOException, InterruptedException {
        List<CopyTool> tools = CopyTool.ALL;
        Program.run(List.of("./dmio", "--version"), 600); // builds it where that is needed
        Runtime.getRuntime().addShutdownHook(new Thread(this::deleteFiles, "delete"));
        fill();
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < tools.size(); i++) {
                CopyTool tool = tools.get((i + round) % tools.size());
                if (!refusals.containsKey(tool)) {
                    run(tool);
                }
            }
        }
    }

    private void run(CopyTool tool) throws IOException, InterruptedException {
        Path scratch = Files.createTempDirectory("dmio-copy");
        try {
            Program.run(List.of("bash", "-c", "command -v " + tool.needs()), 30);
            spoil();
            Program ended = Program.run(tool.command(source, hasHoles, legs, scratch), 600);
            compare();
            runs.computeIfAbsent(tool, none -> new ArrayList<>()).add(ended);
            Console.say("%-20s %-40s %6.2f s wall clock, %6.2f s processor"
                    .formatted(tool.label(), tool.note(), ended.wallSeconds(), ended.cpuSeconds()));
        } catch (IOException failed) {
            refusals.put(tool, String.valueOf(failed.getMessage()));
            Console.say("%-36s does not run: %s".formatted(tool.label(), failed.getMessage()));
        } finally {
            Program.run(List.of("rm", "-r", scratch.toString()), 30);
        }
    }

    private void fill() throws IOException {
        byte[] mib = new byte[MIB];
        java.util.Random random = new java.util.Random(1);
        List<FileChannel> all = new ArrayList<>();
        for (Path file : java.util.stream.Stream.concat(java.util.stream.Stream.of(source), legs.stream())
                .toList()) {
            all.add(FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE));
        }
        for (int i = 0; i < sizeMib; i++) {
            random.nextBytes(mib);
            for (FileChannel channel : all) {
                if (isHole(i)) {
                    channel.position(channel.position() + MIB);
                } else {
                    channel.write(ByteBuffer.wrap(mib));
                }
            }
        }
        for (FileChannel channel : all) {
            channel.force(true);
            channel.close();
        }
    }

    private boolean isHole(int mib) {
        return hasHoles && mib % 32 >= 16 && mib < sizeMib - 1;
    }

    // Changes 4 KiB of each MiB, at another place in each: what a run leaves out is found.
    private void spoil() throws IOException {
        for (Path leg : legs) {
            try (FileChannel channel = FileChannel.open(leg, StandardOpenOption.WRITE)) {
                for (int i = 0; i < sizeMib; i++) {
                    byte[] other = new byte[4096];
                    Arrays.fill(other, (byte) (isHole(i) ? 1 : 0));
                    channel.write(ByteBuffer.wrap(other), (long) i * MIB + i % 256 * 4096L);
                }
                channel.force(true);
            }
        }
    }

    private void compare() throws IOException {
        for (Path leg : legs) {
            long at = Files.mismatch(source, leg);
            if (at >= 0) {
                throw new IOException(leg.getFileName() + " differs from the source at byte " + at);
            }
        }
    }

    private void deleteFiles() {
        try {
            Files.deleteIfExists(source);
            for (Path leg : legs) {
                Files.deleteIfExists(leg);
            }
        } catch (IOException failed) {
            Console.say("not cleaned up: " + failed);
        }
    }

    private String report() throws IOException, InterruptedException {
        StringBuilder report = new StringBuilder("# Copies\n\n| | |\n|---|---|\n");
        Map<String, String> facts = Machine.hardware();
        facts.put("File system", Files.getFileStore(directory).type());
        facts.put("Size", sizeMib + " MiB" + (hasHoles ? ", half of it holes" : "") + ", legs: " + legs.size());
        facts.put("coreutils", Machine.firstLine(List.of("dd", "--version")));
        facts.put("nbdcopy", Machine.firstLine(List.of("nbdcopy", "--version")));
        facts.put("qemu-img", Machine.firstLine(List.of("qemu-img", "--version")));
        facts.forEach((name, value) ->
                report.append("| ").append(name).append(" | ").append(value).append(" |\n"));
        report.append("\n| by | | seconds | least to most | of dmio's time | processor seconds | runs |\n")
                .append("|---|---|---|---|---|---|---|\n");
        List<Program> ours = runs.getOrDefault(CopyTool.ALL.get(0), List.of());
        runs.forEach((tool, ended) -> {
            Runs wall = Runs.of(ended, Program::wallSeconds);
            report.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %.2f | %.2f to %.2f | %s | %.2f | %d |%n",
                    tool.label(),
                    tool.note(),
                    wall.median(),
                    wall.least(),
                    wall.most(),
                    ours.isEmpty()
                            ? "–"
                            : String.format(Locale.ROOT, "%.2f", wall.ratioTo(Runs.of(ours, Program::wallSeconds))),
                    Runs.of(ended, Program::cpuSeconds).median(),
                    ended.size()));
        });
        refusals.forEach((tool, reason) -> report.append("\nDoes not run: ")
                .append(tool.label())
                .append(": ")
                .append(reason)
                .append('\n'));
        return report.toString();
    }
}
