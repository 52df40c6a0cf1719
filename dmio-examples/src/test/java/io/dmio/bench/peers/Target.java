package io.dmio.bench.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Three legs to work on, in a directory, or loop devices over files in one. Each leg is written once and made durable before
 * anything is timed, so that nobody pays for allocation. Closing detaches and deletes.
 */
final class Target implements AutoCloseable {

    static final int LEGS = 3;

    private final Path directory;
    private final boolean loop;
    private final List<Path> files = new ArrayList<>();
    private final List<Path> devices = new ArrayList<>();

    private Target(Path directory, boolean loop) {
        this.directory = directory;
        this.loop = loop;
    }

    static Target prepare(Path directory, boolean loop, long legBytes) throws IOException, InterruptedException {
        Target target = new Target(directory, loop);
        Runtime.getRuntime().addShutdownHook(new Thread(target::closeQuietly, "detach")); // a Ctrl-C, too
        try {
            for (int leg = 0; leg < LEGS; leg++) {
                Path file = directory.resolve("dmio-peers-" + leg);
                target.files.add(file);
                fill(file, legBytes);
                if (loop) {
                    target.devices.add(attach(file));
                }
            }
            return target;
        } catch (IOException | InterruptedException | RuntimeException failed) {
            target.close();
            throw failed;
        }
    }

    private static Path attach(Path file) throws IOException, InterruptedException {
        if (!"root".equals(System.getProperty("user.name"))) {
            throw new IOException("--loop needs root: it attaches loop devices with losetup");
        }
        return Path.of(Program.run(List.of("losetup", "--find", "--show", "--direct-io=off", file.toString()), 30)
                .output()
                .strip());
    }

    private static void fill(Path file, long bytes) throws IOException {
        byte[] mib = new byte[1 << 20];
        Random random = new Random(1);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            for (long at = 0; at < bytes; at += mib.length) {
                random.nextBytes(mib);
                channel.write(ByteBuffer.wrap(mib));
            }
            channel.force(true);
        }
    }

    List<Path> legs() {
        return loop ? devices : files;
    }

    /** What one run left in the page cache shall not be written during the next. */
    void settle() throws IOException {
        for (Path leg : legs()) {
            try (FileChannel channel = FileChannel.open(leg, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }
    }

    /** For the report: the kind of target, without its path. */
    String title() throws IOException {
        String type = Files.getFileStore(directory).type();
        return loop ? "loop devices over " + type : type;
    }

    @Override
    public synchronized void close() throws IOException {
        try {
            while (!devices.isEmpty()) {
                Program.run(List.of("losetup", "--detach", devices.remove(0).toString()), 30);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(interrupted);
        }
        while (!files.isEmpty()) {
            Files.deleteIfExists(files.remove(0));
        }
    }

    private void closeQuietly() {
        try {
            close();
        } catch (IOException failed) {
            Console.say("not cleaned up: " + failed);
        }
    }
}
