package io.dmio.app.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The machine of a measurement, without which figures mean little.
 *
 * @param java version and vendor
 * @param kernel name and release
 * @param processors how many the JVM may use
 * @param processor its model, or the architecture's name
 */
public record Machine(String java, String kernel, int processors, String processor) {

    /**
     * Returns this machine.
     *
     * @return as it is now
     */
    public static Machine here() {
        return new Machine(
                System.getProperty("java.version") + " (" + System.getProperty("java.vm.name") + ")",
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                Runtime.getRuntime().availableProcessors(),
                model());
    }

    private static String model() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException unknown) {
            return System.getProperty("os.arch");
        }
    }

    /** Returns text such as {@code 2 x AMD EPYC, Linux 6.18, Java 17.0.15}. */
    @Override
    public String toString() {
        return processors + " x " + processor + ", " + kernel + ", Java " + java;
    }
}
