package io.dmio.nbd;

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
import java.util.stream.Stream;

/** Inputs worth keeping, a line of hexadecimal digits each: {@code src/test/resources/io/dmio/nbd/fuzz}. */
final class FuzzCorpus {

    private static final int INPUTS_MAX = 300; // of one parser; the shortest
    private static final int INPUT_BYTES_MAX = 500;

    private FuzzCorpus() {}

    /** What a fuzzer starts from: everything, or, where nobody fuzzes, a few to see that it would. */
    static Stream<byte[]> seeds(String parser) {
        return of(parser).limit(Boolean.getBoolean("fuzz") ? Long.MAX_VALUE : 3);
    }

    static Stream<byte[]> of(String parser) {
        InputStream in = Objects.requireNonNull(
                FuzzCorpus.class.getResourceAsStream("fuzz/" + parser + ".hex"), () -> parser + " has no inputs");
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
        List<String> shortest = lines.stream().limit(INPUTS_MAX).toList();
        Files.write(kept, shortest);
    }
}
