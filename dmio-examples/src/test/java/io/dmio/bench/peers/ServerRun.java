package io.dmio.bench.peers;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * NBD servers beside each other: ours, nbdkit and qemu-nbd on a file each, our mirror and QEMU's quorum on two, all running at
 * the same time, each asked in turn by fio; then copies out of one of them, ours beside nbdcopy. Run it where {@code ./dmio} is.
 *
 * <p>Arguments: {@code --target DIR} (seven times the size is needed there), {@code --rounds N}, {@code --seconds S} a
 * measurement, {@code --size-mib N}, {@code --tables unix,tcp,mirror,copy}, {@code --rows all|few}, {@code --report DIR}.
 */
public final class ServerRun {

    private static final int MIB = 1 << 20;

    /** What fio does. */
    private record Row(String work, String block, int depth, int jobs) {
        String label() {
            return work + " " + block + ", depth " + depth + (jobs == 1 ? "" : ", " + jobs + " connections");
        }
    }

    private final Path directory;
    private final int sizeMib;
    private final int rounds;
    private final double seconds;
    private final boolean few;
    private final List<String> tables;
    private final StringBuilder report = new StringBuilder("# Servers\n");
    private int ports = 20_800;

    private ServerRun(Map<String, String> options) {
        this.directory = Path.of(options.getOrDefault("--target", "."), "dmio-servers");
        this.sizeMib = Integer.parseInt(options.getOrDefault("--size-mib", "512"));
        this.rounds = Integer.parseInt(options.getOrDefault("--rounds", "3"));
        this.seconds = Double.parseDouble(options.getOrDefault("--seconds", "2"));
        this.tables =
                List.of(options.getOrDefault("--tables", "unix,tcp,mirror,copy").split(",", -1));
        this.few = options.getOrDefault("--rows", "all").equals("few");
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length == 0 || args.length % 2 != 0) {
            Console.say(
                    "Arguments: --target DIR [--rounds N] [--seconds S] [--size-mib N] [--tables unix,tcp,mirror,copy]"
                            + " [--rows all|few] [--report DIR]");
            return;
        }
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 0; i < args.length; i += 2) {
            options.put(args[i], args[i + 1]);
        }
        new ServerRun(options).run(Path.of(options.getOrDefault("--report", "target/servers")));
    }

    private void run(Path into) throws IOException, InterruptedException {
        Program.run(List.of("./dmio", "--version"), 600); // builds it where that is needed
        Files.createDirectories(directory);
        try {
            head();
            for (String table : tables) {
                switch (table) {
                    case "unix" -> servers("One file, unix socket", ServerTool.OF_ONE, 1, true, rows());
                    case "tcp" -> servers("One file, TCP", ServerTool.OF_ONE, 1, false, rows());
                    case "mirror" ->
                        servers("A mirror of two files, unix socket", ServerTool.OF_TWO, 2, true, mirrorRows());
                    case "copy" -> copies();
                    default -> throw new IllegalArgumentException("--tables " + table);
                }
            }
        } finally {
            Program.run(List.of("rm", "-r", directory.toString()), 60);
        }
        Files.createDirectories(into);
        Files.writeString(into.resolve("report.md"), report);
        Console.say("the report is " + into.resolve("report.md"));
    }

    private List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (String work : List.of("randread", "randwrite")) {
            for (int jobs : few ? List.of(1) : List.of(1, 4)) {
                for (int depth : few ? List.of(64) : List.of(1, 16, 64)) {
                    rows.add(new Row(work, "4k", depth, jobs));
                }
            }
        }
        rows.add(new Row("read", "1m", 8, 1));
        rows.add(new Row("write", "1m", 8, 1));
        return rows;
    }

    private static List<Row> mirrorRows() {
        return List.of(
                new Row("randread", "4k", 16, 1),
                new Row("randwrite", "4k", 16, 1),
                new Row("randwrite", "4k", 64, 1),
                new Row("write", "1m", 8, 1));
    }

    private void servers(String title, List<ServerTool> tools, int legs, boolean unix, List<Row> rows)
            throws IOException, InterruptedException {
        Map<ServerTool, ServerTool.Running> running = new LinkedHashMap<>();
        try {
            for (ServerTool tool : tools) {
                try {
                    Program.run(List.of("bash", "-c", "command -v " + tool.needs()), 30);
                } catch (IOException absent) {
                    report.append("\nNot installed: ").append(tool.needs()).append('\n');
                    continue;
                }
                List<Path> files = new ArrayList<>();
                for (int leg = 0; leg < legs; leg++) {
                    files.add(file("disk-" + legs + running.size() + leg));
                }
                if (legs > 1 && running.isEmpty()) {
                    create(files);
                }
                running.put(tool, tool.start(files, place("s" + running.size(), unix)));
            }
            table(title, running, rows);
        } finally {
            running.values().forEach(ServerTool.Running::close);
        }
    }

    private ServerTool.Place place(String name, boolean unix) {
        return unix
                ? new ServerTool.Place(directory.resolve(name).toString(), "")
                : new ServerTool.Place("", "" + ports++);
    }

    private static void create(List<Path> legs) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("./dmio", "mirror", "create", "--force"));
        legs.forEach(leg -> command.add(leg.toString()));
        Program.run(command, 600);
    }

    private void table(String title, Map<ServerTool, ServerTool.Running> running, List<Row> rows)
            throws IOException, InterruptedException {
        Map<Row, Map<ServerTool, List<Double>>> figures = new LinkedHashMap<>();
        for (int round = -1; round < rounds; round++) { // the first warms up
            for (Row row : rows) {
                for (Map.Entry<ServerTool, ServerTool.Running> one : running.entrySet()) {
                    double perSecond = fio(row, one.getValue().place().uri());
                    if (round >= 0) {
                        figures.computeIfAbsent(row, none -> new LinkedHashMap<>())
                                .computeIfAbsent(one.getKey(), none -> new ArrayList<>())
                                .add(perSecond);
                    }
                }
            }
        }
        report.append("\n## ").append(title).append("\n\n| ").append("requests/s");
        running.keySet().forEach(tool -> report.append(" | ").append(tool.label()));
        running.keySet().stream()
                .skip(1)
                .forEach(tool -> report.append(" | of ").append(tool.label()));
        report.append(" |\n").append("|---".repeat(2 * running.size())).append("|\n");
        figures.forEach((row, byTool) -> report.append(line(row.label(), "%,.0f", List.copyOf(byTool.values()))));
    }

    private static String line(String label, String form, List<List<Double>> byTool) {
        StringBuilder line = new StringBuilder("| " + label);
        String cell = " | " + form + " (" + form + " to " + form + ")";
        List<Runs> runs = new ArrayList<>();
        for (List<Double> figures : byTool) {
            Runs one = Runs.of(figures, figure -> figure);
            runs.add(one);
            line.append(String.format(Locale.ROOT, cell, one.median(), one.least(), one.most()));
        }
        for (Runs other : runs.subList(1, runs.size())) {
            line.append(String.format(Locale.ROOT, " | %.2f", runs.get(0).ratioTo(other)));
        }
        Console.say(line.toString());
        return line + " |\n";
    }

    private double fio(Row row, String uri) throws IOException, InterruptedException {
        Program ended = Program.run(
                List.of(
                        "fio",
                        "--name=clients",
                        "--ioengine=nbd",
                        "--uri=" + uri,
                        "--rw=" + row.work,
                        "--bs=" + row.block,
                        "--iodepth=" + row.depth,
                        "--numjobs=" + row.jobs,
                        "--group_reporting",
                        "--randrepeat=0",
                        "--size=" + (sizeMib - 8) + "m", // a mirror keeps some for itself
                        "--time_based",
                        "--runtime=" + Math.round(seconds * 1000) + "ms",
                        "--output-format=json"),
                120);
        JsonObject json = new JsonObject(ended.output().substring(ended.output().indexOf('{')));
        JsonObject job = json.getJsonArray("jobs").getJsonObject(0);
        return job.getJsonObject("read").getDouble("iops")
                + job.getJsonObject("write").getDouble("iops");
    }

    private void copies() throws IOException, InterruptedException {
        // Both write into a file that has its memory: a virtual machine's new memory costs more than the copy, and how
        // much
        // depends on who ran before.
        Path target = Files.copy(file("disk-100"), directory.resolve("copied"), StandardCopyOption.REPLACE_EXISTING);
        try (ServerTool.Running server = ServerTool.NBDKIT.start(List.of(file("disk-100")), place("copy", true))) {
            String uri = server.place().uri();
            List<Double> ours = new ArrayList<>();
            List<Double> theirs = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                ours.add(Program.run(List.of("./dmio", "copy", uri, target.toString()), 300)
                        .wallSeconds());
                requireEqual(target);
                theirs.add(Program.run(List.of("nbdcopy", "--flush", uri, target.toString()), 300)
                        .wallSeconds());
                requireEqual(target);
            }
            report.append("\n## A copy from nbdkit to a file, seconds of the whole process\n\n")
                    .append("| | nbdcopy | `./dmio copy` | nbdcopy's time of ours |\n|---|---|---|---|\n")
                    .append(line("copy of " + sizeMib + " MiB", "%.2f", List.of(theirs, ours)));
        }
    }

    private void requireEqual(Path copied) throws IOException {
        long at = Files.mismatch(directory.resolve("disk-100"), copied);
        if (at >= 0) {
            throw new IOException("the copy differs at byte " + at);
        }
    }

    /** A file of random bytes, so that nobody is fast by leaving out zeroes. */
    private Path file(String name) throws IOException {
        Path file = directory.resolve(name);
        if (Files.exists(file)) {
            return file;
        }
        Random random = new Random(1);
        byte[] mib = new byte[MIB];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int i = 0; i < sizeMib; i++) {
                random.nextBytes(mib);
                channel.write(ByteBuffer.wrap(mib));
            }
            channel.force(true);
        }
        return file;
    }

    private void head() throws IOException, InterruptedException {
        Map<String, String> facts = Machine.hardware();
        facts.put("File system", Files.getFileStore(directory).type());
        facts.put("Size", sizeMib + " MiB, in the page cache");
        facts.put("Rounds", rounds + " of " + seconds + " s, after one that is not counted");
        facts.put("fio", Machine.firstLine(List.of("fio", "--version")));
        facts.put("nbdkit", Machine.firstLine(List.of("nbdkit", "--version")));
        facts.put("qemu-nbd", Machine.firstLine(List.of("qemu-nbd", "--version")));
        facts.put("nbdcopy", Machine.firstLine(List.of("nbdcopy", "--version")));
        report.append("\n| | |\n|---|---|\n");
        facts.forEach((name, value) ->
                report.append("| ").append(name).append(" | ").append(value).append(" |\n"));
    }
}
