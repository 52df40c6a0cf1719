package io.dmio.site;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The files that pages are made of, named from the root of the repository with slashes.
 *
 * @param root of the checkout
 */
record Repository(Path root) {

    String text(String file) {
        try {
            return Files.readString(root.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(file, e);
        }
    }

    boolean isFile(String file) {
        return Files.isRegularFile(root.resolve(file));
    }

    boolean isFolder(String file) {
        return Files.isDirectory(root.resolve(file));
    }

    List<String> inside(String folder) {
        try (Stream<Path> files = Files.list(root.resolve(folder))) {
            return files.map(file -> folder + "/" + file.getFileName())
                    .sorted(Comparator.naturalOrder())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(folder, e);
        }
    }

    /** What a link in a file leads to. */
    static String resolved(String file, String link) {
        return Path.of(file).resolveSibling(link).normalize().toString();
    }

    /** Where the site has a file: pages beside each other, all else as text below {@code source}. */
    static String place(String file) {
        if (file.equals("README.md")) {
            return "index.html";
        }
        if (file.equals(Contents.FILE)) {
            return "contents.html";
        }
        if (file.endsWith(".md")) {
            return file.substring(file.lastIndexOf('/') + 1)
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("md$", "html");
        }
        if (file.endsWith(".svg")) {
            return file.substring(file.lastIndexOf('/') + 1);
        }
        return "source/" + file.replace('/', '.') + ".html";
    }
}
