package io.dmio.bench.peers;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a reader must know to judge figures: when, on what, with which versions. No host's name, no paths of ours. */
final class Machine {

    private Machine() {}

    /** For the report's head, in order. */
    static Map<String, String> facts(String arguments) throws IOException, InterruptedException {
        Map<String, String> facts = hardware();
        facts.put("JDK", System.getProperty("java.vendor") + " " + System.getProperty("java.runtime.version"));
        facts.put(
                "Libraries",
                Stream.of("netty-buffer", "reactor-core", "spring-core", "vertx-core", "jasyncfio")
                        .map(name -> name + " " + versionOf(name))
                        .collect(Collectors.joining(", ")));
        facts.put("fio", firstLine(List.of("fio", "--version")));
        facts.put("JVM flags", String.join(" ", PeersRun.JVM_FLAGS));
        facts.put("Arguments", arguments);
        return facts;
    }

    /** Date, processor, memory, kernel. */
    static Map<String, String> hardware() throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("Date", LocalDate.now(java.time.ZoneOffset.UTC).toString());
        facts.put(
                "Processor", Runtime.getRuntime().availableProcessors() + " × " + field("/proc/cpuinfo", "model name"));
        long kib = Long.parseLong(field("/proc/meminfo", "MemTotal").replaceAll("\\D", ""));
        facts.put("Memory", ((kib + (1 << 19)) >> 20) + " GiB");
        facts.put("Kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        return facts;
    }

    private static String field(String file, String name) throws IOException {
        return Files.readAllLines(Path.of(file)).stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("0 (unknown)");
    }

    static String firstLine(List<String> command) throws InterruptedException {
        try {
            return Program.run(command, 30).output().lines().findFirst().orElse("?");
        } catch (IOException absent) {
            return "not installed";
        }
    }

    private static String versionOf(String artifact) {
        Pattern jar = Pattern.compile(Pattern.quote(artifact) + "-(\\d[\\w.]*?)(-linux-amd64)?\\.jar");
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> jar.matcher(new File(entry).getName()))
                .filter(Matcher::matches)
                .map(match -> match.group(1))
                .findFirst()
                .orElse("?");
    }
}
