package io.dmio.site;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where the Javadoc of the API is in the site, by the names that pages mention; read from the sources. */
final class Api {

    /** Where the site has the Javadoc of the library. */
    static final String LIBRARY = "apidocs/";

    /** Where the site has the Javadoc of the test kit. */
    static final String TESTKIT = "testkit/testapidocs/";

    private static final String MAIN = "dmio-reactive/src/main/java";
    private static final String TESTS = "dmio-reactive/src/test/java";
    private static final Pattern NAME = Pattern.compile("(@?[A-Z]\\w+)(?:\\.\\w+)?(?:\\(.*\\))?");
    private static final Pattern PUBLIC = Pattern.compile(
            "(?m)^public (?:abstract |final |sealed |non-sealed )*(?:class|interface|record|enum|@interface) (\\w+)");

    private final Map<String, String> places = new TreeMap<>();

    private Api() {}

    static Api of(Repository repository) {
        Api api = new Api();
        String module = repository.text(MAIN + "/module-info.java");
        Matcher exported = Pattern.compile("exports ([\\w.]+);").matcher(module);
        while (exported.find()) {
            api.add(repository.root().resolve(MAIN), exported.group(1), LIBRARY + "io.dmio/");
        }
        api.add(repository.root().resolve(TESTS), "io.dmio.testkit", TESTKIT);
        return api;
    }

    private void add(Path sources, String name, String site) {
        String folder = name.replace('.', '/');
        places.put(name, site + folder + "/package-summary.html");
        try (Stream<Path> files = Files.list(sources.resolve(folder))) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".java")).toList()) {
                Matcher type = PUBLIC.matcher(Files.readString(file));
                if (type.find() && !type.group(1).endsWith("Test")) {
                    places.putIfAbsent(type.group(1), site + folder + "/" + type.group(1) + ".html");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    /**
     * Where what a page mentions is explained.
     *
     * @param code a type, one of its methods, or a package
     * @return from the root of the site; empty if it is none of the API's
     */
    Optional<String> place(String code) {
        Matcher name = NAME.matcher(code);
        return Optional.ofNullable(places.get(name.matches() ? name.group(1) : code));
    }

    /** All places that there are. */
    boolean has(String place) {
        return place.equals(LIBRARY + "index.html")
                || place.equals(TESTKIT + "index.html")
                || places.containsValue(place);
    }
}
