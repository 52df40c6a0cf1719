package io.dmio.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds what else uses a disk or a file. For a disk: mounts, swap, and devices stacked on it (device-mapper, md), for the disk itself and
 * each of its partitions. For a file: loop devices on it, and programs that lock parts of it, as qemu does with a guest's disk. Reads
 * {@code /proc} and {@code /sys} below a root, so that tests can use others.
 *
 * @param root {@code /}
 */
public record InUse(Path root) {

    /** Returns the uses on this machine. */
    public static InUse here() {
        return new InUse(Path.of("/"));
    }

    /** Returns why the file or disk must not be written to: a phrase that names its user; empty if it has none. */
    public Optional<String> by(FileId id) {
        return switch (id.kind()) {
            case BLOCK_DEVICE -> by(id.deviceNumber());
            case FILE -> behind(FilePath.of(id.given())).or(() -> locked(FilePath.of(id.given())));
            default -> Optional.empty();
        };
    }

    // A file behind a loop device is used by whoever uses the loop device.
    private Optional<String> behind(Path file) {
        for (Path loop : children(root.resolve("sys/block"))) {
            List<String> backing = lines(loop.resolve("loop/backing_file"));
            if (!backing.isEmpty() && isSame(file, Path.of(backing.get(0)))) {
                String name = "/dev/" + loop.getFileName();
                return lines(loop.resolve("dev")).stream()
                        .findFirst()
                        .flatMap(this::by)
                        .map(user -> "it is behind " + name + ", and of that " + user)
                        .or(() -> Optional.of("it is behind " + name));
            }
        }
        return Optional.empty();
    }

    private static boolean isSame(Path file, Path other) {
        try {
            return Files.isSameFile(file, other);
        } catch (IOException gone) {
            return false;
        }
    }

    // 2: OFDLCK  ADVISORY  READ -1 fe:00:2154534 100 101: locks of ranges; those of whole files are looked at by the
    // open itself.
    private Optional<String> locked(Path file) {
        String inode = inode(file);
        return lines(root.resolve("proc/locks")).stream()
                .map(line -> line.split("\\s+", -1))
                .filter(fields -> fields.length > 5 && fields[5].equals(inode))
                .filter(fields -> fields[1].equals("OFDLCK") || fields[1].equals("POSIX"))
                .findFirst()
                .map(fields -> openIn(file).orElse("another program") + " has it open, and locks parts of it");
    }

    /** Returns device and inode as /proc/locks writes them. */
    private static String inode(Path file) {
        try {
            Map<String, Object> status = Files.readAttributes(file, "unix:dev,ino");
            String[] device = FileId.deviceNumber((Long) Objects.requireNonNull(status.get("dev")))
                    .split(":", -1);
            return String.format(
                    Locale.ROOT, "%02x:%02x:%d", Long.parseLong(device[0]), Long.parseLong(device[1]), (Long)
                            Objects.requireNonNull(status.get("ino")));
        } catch (IOException gone) {
            return "";
        }
    }

    private Optional<String> openIn(Path file) {
        for (Path process : children(root.resolve("proc"))) {
            if (!process.getFileName().toString().matches("[0-9]+")) {
                continue;
            }
            if (children(process.resolve("fd")).stream().anyMatch(open -> isSame(file, open))) {
                String name =
                        lines(process.resolve("comm")).stream().findFirst().orElse("a program");
                return Optional.of(name + " (process " + process.getFileName() + ")");
            }
        }
        return Optional.empty();
    }

    /**
     * Returns why a disk must not be overwritten.
     *
     * @param deviceNumber {@code major:minor}
     * @return a phrase that names the user, empty if there is none
     */
    public Optional<String> by(String deviceNumber) {
        Map<String, String> parts = parts(deviceNumber);
        return mounted(parts).or(() -> swapped(parts)).or(() -> held(parts));
    }

    /** Returns the disk and its partitions: number → what to call it. */
    private Map<String, String> parts(String deviceNumber) {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put(deviceNumber, "it");
        for (Path child : children(disk(deviceNumber))) {
            if (Files.exists(child.resolve("partition"))) {
                lines(child.resolve("dev"))
                        .forEach(number -> parts.put(number, "its partition " + child.getFileName()));
            }
        }
        return parts;
    }

    // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw: the third is the device, the fifth where it is.
    // A file system over several disks (btrfs) has a number of its own there; its source names one of the disks.
    private Optional<String> mounted(Map<String, String> parts) {
        for (String line : lines(root.resolve("proc/self/mountinfo"))) {
            String[] fields = line.split(" ", -1);
            int dash = List.of(fields).indexOf("-");
            if (fields.length < 5 || dash < 0 || dash + 2 >= fields.length) {
                continue;
            }
            String part = parts.get(fields[2]);
            if (part == null) {
                part = parts.get(numberOf(fields[dash + 2]));
            }
            if (part != null) {
                return Optional.of(part + " is mounted on " + fields[4].replace("\\040", " "));
            }
        }
        return Optional.empty();
    }

    private Optional<String> swapped(Map<String, String> parts) {
        return lines(root.resolve("proc/swaps")).stream()
                .map(line -> parts.get(numberOf(line.split("\\s", 2)[0])))
                .flatMap(Stream::ofNullable)
                .findFirst()
                .map(part -> part + " is used for swap");
    }

    private Optional<String> held(Map<String, String> parts) {
        for (Map.Entry<String, String> part : parts.entrySet()) {
            List<Path> holders = children(disk(part.getKey()).resolve("holders"));
            if (!holders.isEmpty()) {
                return Optional.of(
                        part.getValue() + " is part of " + holders.get(0).getFileName());
            }
        }
        return Optional.empty();
    }

    private Path disk(String deviceNumber) {
        return root.resolve("sys/dev/block").resolve(deviceNumber);
    }

    /** Returns the number of a path like /dev/sda2, by the name's entry in /sys; empty for other sources. */
    private String numberOf(String source) {
        if (!source.startsWith("/dev/")) {
            return "";
        }
        Path name = Path.of(source).getFileName();
        List<String> dev = lines(root.resolve("sys/class/block").resolve(name).resolve("dev"));
        return dev.isEmpty() ? "" : dev.get(0);
    }

    private static List<Path> children(Path directory) {
        try (Stream<Path> list = Files.list(directory)) {
            return list.sorted().toList();
        } catch (IOException absent) {
            return List.of();
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException absent) {
            return List.of();
        }
    }
}
