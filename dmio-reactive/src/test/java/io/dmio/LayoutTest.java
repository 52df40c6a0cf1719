package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The list of packages in docs/design.md, section "Layout", is the folders that there are. */
class LayoutTest {

    private static final Path ROOT = Path.of("..");

    /** {@code "    dmio-reactive/src/main/java/io/dmio/"}: a folder of sources; what is drawn below it is inside. */
    private static final Pattern SOURCES = Pattern.compile(" {4}(\\S+/java/io/dmio/)( .*)?");

    /** {@code "        wire/    internal: …"}: one or more folders, by how far they are moved in below the folder of sources. */
    private static final Pattern FOLDERS = Pattern.compile("( {6,8})((?:[a-z.]+/? )*[a-z.]+/?)(?: {2,}.*|)");

    @Test
    void everyMainPackageIsInThePictureAndNoOther() throws IOException {
        Map<String, Set<String>> drawn = drawn();
        assertThat(drawn.keySet())
                .filteredOn(sources -> sources.contains("/main/"))
                .hasSize(2);
        for (String sources : drawn.keySet()) {
            if (sources.contains("/main/")) {
                assertThat(drawn.get(sources)).as(sources).isEqualTo(folders(ROOT.resolve(sources)));
            }
        }
    }

    @Test
    void everyTestPackageIsInThePictureOrThatOfAMainOne() throws IOException {
        drawn().forEach((sources, drawn) -> {
            if (sources.contains("/test/")) {
                Set<String> own = folders(ROOT.resolve(sources));
                own.removeAll(folders(ROOT.resolve(sources.replace("/test/", "/main/"))));
                assertThat(drawn).as(sources).isEqualTo(own);
            }
        });
    }

    /** By folder of sources the packages in it, with {@code .} for its own. */
    private static Map<String, Set<String>> drawn() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/design.md"));
        String section = page.substring(page.indexOf("## Layout"), page.indexOf("## How a request runs"));
        Map<String, Set<String>> all = new TreeMap<>();
        Set<String> packages = new TreeSet<>();
        String parent = "";
        for (String line : section.lines().toList()) {
            Matcher sources = SOURCES.matcher(line);
            Matcher folders = FOLDERS.matcher(line);
            if (sources.matches()) {
                packages = all.computeIfAbsent(sources.group(1), none -> new TreeSet<>());
            } else if (folders.matches()) {
                boolean below = folders.group(1).length() == 8;
                for (String name : folders.group(2).split(" ", -1)) {
                    packages.add(below ? parent + "/" + bare(name) : bare(name));
                    parent = below ? parent : bare(name);
                }
            }
        }
        return all;
    }

    private static String bare(String folder) {
        return folder.endsWith("/") ? folder.substring(0, folder.length() - 1) : folder;
    }

    private static Set<String> folders(Path sources) {
        return SourceFiles.below(sources, ".java").stream()
                .map(path -> sources.relativize(path.getParent()).toString())
                .map(name -> name.isEmpty() ? "." : name)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
