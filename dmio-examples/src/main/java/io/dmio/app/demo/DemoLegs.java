package io.dmio.app.demo;

import io.dmio.BlockDevice;
import io.dmio.engine.IoEngine;
import io.dmio.engine.OpenOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A demo's legs in a directory of their own: files, or loop devices over them. Deleted when closed, unless kept. */
final class DemoLegs implements AutoCloseable {

    private final Path directory;
    private final boolean loop;
    private final boolean keep;
    private final List<String> loopDevices = new ArrayList<>();
    private final List<BlockDevice> devices = new ArrayList<>();

    /**
     * Creates a place for legs.
     *
     * @param loop whether they are loop devices; needs root
     * @param keep whether they stay
     */
    DemoLegs(boolean loop, boolean keep) throws IOException {
        this.loop = loop;
        this.keep = keep;
        this.directory = directory(parent());
    }

    private static Path directory(Path parent) throws IOException {
        var onlyMine = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Path shortName = parent.resolve("dmio-demo-" + ProcessHandle.current().pid());
        return Files.exists(shortName, LinkOption.NOFOLLOW_LINKS)
                ? Files.createTempDirectory(parent, "dmio-demo-", onlyMine)
                : Files.createDirectory(shortName, onlyMine);
    }

    /** Returns where legs are made: {@code $TMPDIR}, else the JVM's. */
    static Path parent() {
        String wished = System.getenv().getOrDefault("TMPDIR", "");
        Path directory = Path.of(wished.isEmpty() ? System.getProperty("java.io.tmpdir") : wished);
        if (!Files.isDirectory(directory)) {
            throw new IllegalArgumentException(directory + ": no such directory; set TMPDIR to one");
        }
        return directory;
    }

    /**
     * Makes and opens the legs.
     *
     * @param count how many
     * @param bytes the length of each, whole pages
     * @param engine opens them
     * @param direct whether to bypass the page cache
     */
    void open(int count, long bytes, IoEngine engine, boolean direct) throws IOException {
        OpenOptions options = OpenOptions.readWrite().withDirect(direct);
        for (int i = 0; i < count; i++) {
            Path file = directory.resolve("leg-" + i);
            Path path = file;
            if (loop) {
                BlockDevice made = open(engine, file, OpenOptions.readWrite().withCreate(bytes));
                made.close().block();
                path = Path.of(attach(file));
            }
            devices.add(open(engine, path, loop ? options : options.withCreate(bytes)));
        }
    }

    List<BlockDevice> devices() {
        return List.copyOf(devices);
    }

    Path directory() {
        return directory;
    }

    /** Returns where to look at them from outside. */
    String where() {
        String names = devices.stream()
                .map(device -> Path.of(device.info().name()).getFileName())
                .map(Path::toString)
                .collect(Collectors.joining(" "));
        return names + " in " + (loop ? Path.of("/dev") : directory);
    }

    /** Closes, detaches and deletes. */
    @Override
    public void close() throws IOException {
        devices.forEach(device -> device.close().block());
        for (String device : loopDevices) {
            losetup("--detach", device);
        }
        if (keep) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(directory);
    }

    private static BlockDevice open(IoEngine engine, Path path, OpenOptions options) {
        return Objects.requireNonNull(engine.open(path, options).block());
    }

    private String attach(Path file) throws IOException {
        String device = losetup("--find", "--show", file.toString());
        loopDevices.add(device);
        return device;
    }

    private static String losetup(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("losetup"));
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
            if (process.waitFor() != 0) {
                throw new IllegalArgumentException("no loop device, --loop needs root and free ones: " + answer);
            }
            return answer;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while losetup ran", interrupted);
        }
    }
}
