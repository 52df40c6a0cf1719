package io.dmio.app.mirror;

import io.dmio.app.cli.FileId;
import io.dmio.app.cli.FilePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The places where legs may be. */
final class Candidates {

    private static final Path DISKS = Path.of("/sys/class/block");

    private Candidates() {}

    /** Returns all block devices of this machine that have sectors. */
    static List<String> disks() {
        return children(DISKS).stream()
                .filter(Candidates::hasSectors)
                .map(disk -> "/dev/" + disk.getFileName().toString().replace('!', '/'))
                .filter(disk -> Files.exists(Path.of(disk)))
                .toList();
    }

    /** Returns what is named; for a directory, the files in it. */
    static List<String> in(List<String> paths) {
        List<String> all = new ArrayList<>();
        for (String path : paths) {
            if (FileId.of(path).kind() == FileId.Kind.DIRECTORY) {
                String directory = path.endsWith("/") ? path : path + "/";
                children(FilePath.of(path)).stream()
                        .filter(Files::isRegularFile)
                        .map(file -> directory + FilePath.name(file))
                        .forEach(all::add);
            } else {
                all.add(path);
            }
        }
        return all;
    }

    private static boolean hasSectors(Path disk) {
        try {
            return !Files.readString(disk.resolve("size")).strip().equals("0");
        } catch (IOException gone) {
            return false;
        }
    }

    private static List<Path> children(Path directory) {
        try (Stream<Path> list = Files.list(directory)) {
            return list.sorted().toList();
        } catch (IOException unreadable) {
            return List.of();
        }
    }
}
