package io.dmio.engine;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A block device over a temporary file, attached by {@code losetup} and detached on close. Skips the test without root. */
final class LoopDevice implements AutoCloseable {

    private final Path backing;
    private final Path device;

    private LoopDevice(Path backing, Path device) {
        this.backing = backing;
        this.device = device;
    }

    /** Attaches one. */
    static LoopDevice attach(long bytes, int sectorBytes) {
        assumeTrue("root".equals(System.getProperty("user.name")), "loop devices need root");
        try {
            Path backing = Files.createTempFile("dmio-loop", null);
            try (RandomAccessFile file = new RandomAccessFile(backing.toFile(), "rw")) {
                file.setLength(bytes);
            }
            try {
                return attach(backing, sectorBytes);
            } catch (IOException none) {
                Files.delete(backing);
                return abort("no loop device of " + sectorBytes + "-byte sectors: " + none.getMessage());
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static LoopDevice attach(Path backing, int sectorBytes) throws IOException {
        String device =
                losetup("--find", "--show", "--direct-io=on", "-b", String.valueOf(sectorBytes), backing.toString());
        return new LoopDevice(backing, Path.of(device));
    }

    /** Another one over the same file, with a cache of its own: as the same disk on another machine. To be closed before this one. */
    LoopDevice onAnotherMachine(int sectorBytes) {
        try {
            return attach(backing, sectorBytes);
        } catch (IOException none) {
            return abort("no second loop device: " + none.getMessage());
        }
    }

    /** Its node in /dev. */
    Path path() {
        return device;
    }

    @Override
    public void close() {
        try {
            losetup("--detach", device.toString());
            Files.deleteIfExists(backing);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static String losetup(String... arguments) throws IOException {
        String[] command = new String[arguments.length + 1];
        command[0] = "losetup";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
        try {
            if (process.waitFor() != 0) {
                throw new IOException(output);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(interrupted);
        }
        return output;
    }
}
