package io.dmio.fuzz;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Inputs worth keeping, a line of hexadecimal digits each: files in the folder {@code fuzz} beside the resources of the test that
 * they are for.
 */
public final class FuzzCorpus {

    private static final int INPUTS_MAX = 200; // of one target
    private static final int INPUT_BYTES_MAX = 500;

    private FuzzCorpus() {}

    /** What a fuzzer starts from: everything, or, where nobody fuzzes, a few to see that it would. */
    public static Stream<byte[]> seeds(Class<?> test, String target) {
        return of(test, target).limit(Boolean.getBoolean("fuzz") ? Long.MAX_VALUE : 3);
    }

    /** What a build replays: all of a file, in its order. */
    public static Stream<byte[]> of(Class<?> test, String target) {
        InputStream in = Objects.requireNonNull(
                test.getResourceAsStream("fuzz/" + target + ".hex"), () -> target + " has no inputs");
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            return reader.lines().map(HexFormat.of()::parseHex).toList().stream();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /**
     * Adds what a fuzzer found.
     *
     * @param args the file of inputs, and the directory where the fuzzer left its own
     */
    public static void main(String[] args) throws IOException {
        Path kept = Path.of(args[0]);
        TreeSet<String> lines =
                new TreeSet<>(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
        lines.addAll(Files.readAllLines(kept));
        try (Stream<Path> found = Files.list(Path.of(args[1]))) {
            for (Path file : found.toList()) {
                if (Files.size(file) <= INPUT_BYTES_MAX) {
                    lines.add(HexFormat.of().formatHex(Files.readAllBytes(file)));
                }
            }
        }
        Files.write(kept, spread(List.copyOf(lines)));
    }

    /** All, or so many of them, from the shortest to the longest: the short ones alone would never get far. */
    private static List<String> spread(List<String> lines) {
        int count = Math.min(lines.size(), INPUTS_MAX);
        return IntStream.range(0, count)
                .mapToObj(i -> lines.get((int) ((long) i * lines.size() / count)))
                .toList();
    }
}
