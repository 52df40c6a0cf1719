package io.dmio.bench.peers;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs every variant of every work on every target, each run a process of its own, in turn: a round starts with another
 * variant than the one before, so no place in the row is favoured. Writes a report in Markdown, a chart for each work, and
 * each run's figures as a line of {@code runs.jsonl}.
 */
public final class PeersRun {

    /** The same for every Java variant. */
    static final List<String> JVM_FLAGS = jvmFlags();

    private final Options options;

    private PeersRun(Options options) {
        this.options = options;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Options options;
        if (List.of(args).contains("--help")) {
            Console.say(Options.USAGE);
            return;
        }
        try {
            options = Options.parse(args);
        } catch (IllegalArgumentException wrong) {
            Console.say(String.valueOf(wrong.getMessage()));
            Console.say(Options.USAGE);
            return;
        }
        new PeersRun(options).run(String.join(" ", args));
    }

    private static List<String> jvmFlags() {
        List<String> flags = new ArrayList<>(List.of("-Xms256m", "-Xmx256m"));
        if (Runtime.version().feature() >= 24) { // without, warnings about what all native libraries do
            flags.add("--enable-native-access=ALL-UNNAMED");
            flags.add("--sun-misc-unsafe-memory-access=allow");
        }
        return List.copyOf(flags);
    }

    private void run(String arguments) throws IOException, InterruptedException {
        Files.createDirectories(options.report());
        Files.deleteIfExists(runs());
        Map<String, List<Series>> results = new LinkedHashMap<>();
        for (Options.Place place : options.places()) {
            try (Target target = Target.prepare(
                    place.directory(), place.loop(), options.effort().legBytes())) {
                String title = target.title();
                while (results.containsKey(title)) {
                    title += ", another"; // two disks with the same file system
                }
                List<Series> series = new ArrayList<>();
                results.put(title, series);
                for (Workload work : options.works()) {
                    Console.say(title + ", " + work.name());
                    series.add(measure(work, target));
                    new Report(Machine.facts(arguments), options.effort(), results).write(options.report());
                }
            }
        }
        Console.say("the report is " + options.report().resolve("report.md"));
    }

    private Series measure(Workload work, Target target) throws IOException, InterruptedException {
        List<Variant> variants =
                Variant.of(work).stream().filter(options.variants()::contains).toList();
        Series series = new Series(work);
        Quietness quietness = new Quietness();
        boolean known = look(quietness, work, target);
        for (int round = 0; round < options.effort().rounds(); round++) {
            for (int i = 0; i < variants.size(); i++) {
                Variant variant = variants.get((i + round) % variants.size());
                if (!series.refused(variant)) {
                    measure(variant, target, series);
                    target.settle();
                }
            }
        }
        if (known && look(quietness, work, target)) {
            series.measuredWhile(quietness);
            Console.say("  " + quietness.words());
        }
        return series;
    }

    private boolean look(Quietness quietness, Workload work, Target target) throws InterruptedException {
        try {
            quietness.look(work, target.legs(), options.effort().seconds());
            target.settle();
            return true;
        } catch (IOException | IllegalStateException refused) {
            Console.say("  nobody knows how quiet it is: " + refused.getMessage());
            return false;
        }
    }

    private void measure(Variant variant, Target target, Series series) throws IOException, InterruptedException {
        try {
            Measured measured = variant.kind() == Variant.Kind.FIO
                    ? fio(variant, target, series.work())
                    : java(variant, target, series.work());
            series.add(variant, measured);
            Console.say("  %-32s %,12.0f leg operations/s".formatted(variant.label(), measured.legOpsPerSecond()));
            String line = new JsonObject(measured.toJson())
                    .put("target", target.title())
                    .put("work", series.work().name())
                    .put("variant", variant.label())
                    .encode();
            Files.writeString(runs(), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException | IllegalStateException refused) {
            String reason = String.valueOf(refused.getMessage());
            series.refuse(variant, reason);
            Console.say("  %-32s does not run: %s".formatted(variant.label(), reason));
        }
    }

    private Measured fio(Variant variant, Target target, Workload work) throws IOException, InterruptedException {
        Options.Effort effort = options.effort();
        Fio fio = new Fio(work, target.legs(), new Fio.Window(effort.warmUpSeconds(), effort.seconds()));
        Program ended = Program.run(fio.command(variant == Variant.FIO_URING), secondsMax());
        return fio.parse(ended.output(), ended.cpuSeconds());
    }

    private Measured java(Variant variant, Target target, Workload work) throws IOException, InterruptedException {
        Options.Effort effort = options.effort();
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM_FLAGS);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), PeerRun.class.getName()));
        command.addAll(List.of(variant.name(), work.name()));
        command.add(Double.toString(effort.warmUpSeconds()));
        command.add(Double.toString(effort.seconds()));
        command.add(Long.toString(effort.legBytes()));
        target.legs().forEach(leg -> command.add(leg.toString()));
        List<String> lines = Program.run(command, secondsMax()).output().lines().toList();
        return Measured.ofJson(lines.get(lines.size() - 1));
    }

    private long secondsMax() {
        return (long) (options.effort().warmUpSeconds() + options.effort().seconds()) + 90;
    }

    private Path runs() {
        return options.report().resolve("runs.jsonl");
    }
}
