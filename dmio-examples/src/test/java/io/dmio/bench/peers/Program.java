package io.dmio.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end: what it printed, how long it took, the processor time of it and its children. */
record Program(String output, double wallSeconds, double cpuSeconds) {

    /**
     * Runs it.
     *
     * @param command no shell takes it apart
     * @param secondsMax after which it is ended
     * @throws IOException if it fails, with the last line that it said of the cause
     */
    static Program run(List<String> command, long secondsMax) throws IOException, InterruptedException {
        Path output = Files.createTempFile("dmio-peers", ".out");
        Path errors = Files.createTempFile("dmio-peers", ".err");
        try {
            // The shell's time counts the threads of the kernel that work for the program: they end as threads of it.
            List<String> timed = List.of("bash", "-c", "TIMEFORMAT='%R %U %S'; time \"$@\"", "time");
            Process process = new ProcessBuilder(java.util.stream.Stream.concat(timed.stream(), command.stream())
                            .toList())
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start();
            if (!process.waitFor(secondsMax, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
                throw new IOException("did not end within " + secondsMax + " s");
            }
            List<String> said = Files.readAllLines(errors);
            if (process.exitValue() != 0) {
                throw new IOException(said.size() < 2 ? "exit code " + process.exitValue() : said.get(said.size() - 2));
            }
            String[] times = said.get(said.size() - 1).split(" ", -1);
            return new Program(
                    Files.readString(output),
                    Double.parseDouble(times[0]),
                    Double.parseDouble(times[1]) + Double.parseDouble(times[2]));
        } finally {
            Files.delete(output);
            Files.delete(errors);
        }
    }
}
