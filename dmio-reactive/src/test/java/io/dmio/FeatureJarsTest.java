package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Which jar is added for which use: the README's table, the jars that only bring others, the list of versions, and {@link Feature}. */
class FeatureJarsTest {

    private static final Path ROOT = Path.of("..");
    private static final Path FEATURES = Path.of("features");

    /** A jar of the project, and what that brings. */
    private record Remedy(String jar, String brought) {

        static Remedy of(Feature feature) {
            return switch (feature) {
                case CORE -> new Remedy("dmio-reactive", "io.projectreactor:reactor-core");
                case SYSTEM_CALLS -> new Remedy("dmio-reactive", "com.github.jnr:jnr-posix");
                case IO_URING -> new Remedy("dmio-uring", "io.netty:netty-transport-native-io_uring");
                case NBD -> new Remedy("dmio-nbd", "io.netty:netty-handler");
            };
        }
    }

    @Test
    void theRemedyOfAFeatureIsAJarThatBringsWhatItNeeds() throws Exception {
        for (Feature feature : Feature.values()) {
            Remedy remedy = Remedy.of(feature);
            assertThat(feature.remedy()).contains("io.dmio:" + remedy.jar).contains(remedy.brought);
            assertThat(dependencies(pomOf(remedy.jar)).keySet())
                    .as(remedy.jar)
                    .anyMatch(dependency ->
                            dependency.equals(remedy.brought) || dependency.startsWith(remedy.brought + ":"));
        }
    }

    @Test
    void theFeaturesTogetherBringWhatTheLibraryHasAsOptional() throws Exception {
        Set<String> optional = dependencies(pomOf("dmio-reactive")).entrySet().stream()
                .filter(dependency -> dependency.getValue().equals("optional"))
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> brought = new TreeSet<>();
        for (String jar : jars()) {
            Map<String, String> dependencies = dependencies(pomOf(jar));
            assertThat(dependencies.remove("io.dmio:dmio-reactive")).as(jar).isEqualTo("needed");
            assertThat(dependencies.values()).as(jar).containsOnly("needed");
            brought.addAll(dependencies.keySet());
        }
        assertThat(brought).isEqualTo(optional);
    }

    @Test
    void theReadmesTableHasEachJarOnceAndWhatItBrings() throws Exception {
        List<String> told = cells("\\| `(dmio-[a-z]+)` \\| ([^|]+) \\|");
        assertThat(told.stream().map(row -> row.substring(0, row.indexOf(' '))))
                .containsExactlyInAnyOrderElementsOf(Stream.concat(Stream.of("dmio-reactive"), jars().stream())
                        .toList());
        for (String row : told) {
            Set<String> brought =
                    dependencies(pomOf(row.substring(0, row.indexOf(' ')))).keySet();
            for (MatchResult name :
                    Pattern.compile("`([^`]+)`").matcher(row).results().toList()) {
                assertThat(brought)
                        .as(row)
                        .anyMatch(dependency -> List.of(dependency.split(":")).contains(name.group(1)));
            }
        }
    }

    @Test
    void theJavadocOfAJarWithoutTypesNamesAllThatItBrings() throws Exception {
        for (String jar : jars()) {
            String module = SourceFiles.text(FEATURES.resolve(jar).resolve("src/main/java/module-info.java"));
            String javadoc = module.substring(0, module.indexOf("*/")).replaceAll("[\\s*]+", " ");
            for (String dependency : dependencies(pomOf(jar)).keySet()) {
                assertThat(javadoc).as(jar).contains("{@code " + dependency.split(":", -1)[1] + "}");
            }
        }
    }

    @Test
    void theListOfVersionsHasEachJarAndThisVersion() throws Exception {
        Element bom = pomOf("dmio-bom");
        Element parent = parse(ROOT.resolve("pom.xml"));
        for (String same : List.of("version", "url", "licenses", "developers", "scm")) {
            assertThat(text(bom, same)).as(same).isEqualTo(text(parent, same));
        }
        Set<String> listed = new TreeSet<>(dependencies(bom).keySet());
        Set<String> jars = new TreeSet<>(Set.of("io.dmio:dmio-reactive", "io.dmio:dmio-reactive:testkit"));
        jars().forEach(jar -> jars.add("io.dmio:" + jar));
        assertThat(listed).isEqualTo(jars);
    }

    /** Where a version may stand is where {@code .ci/release} sets it: after the name of one of our jars. */
    @Test
    void pomsAndDocumentsNameThisVersionBesideAJarAndNowhereElse() throws Exception {
        String version = text(parse(ROOT.resolve("pom.xml")), "version");
        Pattern named = Pattern.compile(
                "<artifactId>dmio[a-z-]*</artifactId>\\s*<version>(?!\\$)([^<]+)|\\bio\\.dmio:dmio-[a-z]+:(\\d[\\w.-]*)");
        List<String> places = new ArrayList<>();
        for (Path file : sources(".xml", ".md")) {
            String text = SourceFiles.text(file);
            for (MatchResult found : named.matcher(text).results().toList()) {
                places.add(file.getFileName().toString());
                assertThat(Objects.requireNonNullElse(found.group(1), found.group(2)))
                        .as(file.toString())
                        .isEqualTo(version);
            }
        }
        assertThat(places).contains("pom.xml", "README.md", "getting-started.md", "adopting.md", "testing-your-own.md");
        if (version.endsWith("-SNAPSHOT")) {
            for (Path file : sources(".java", ".sh", ".py", "/dmio", "/run")) {
                assertThat(SourceFiles.text(file)).as(file.toString()).doesNotContain(version);
            }
        }
    }

    /** Files of the project with such an ending, and none that a build has made. */
    private static List<Path> sources(String... endings) {
        return Stream.of(
                        "README.md",
                        "CONTRIBUTING.md",
                        "dmio",
                        "pom.xml",
                        "docs",
                        ".ci",
                        "dmio-reactive/pom.xml",
                        "dmio-reactive/features",
                        "dmio-reactive/src",
                        "dmio-examples/pom.xml",
                        "dmio-examples/src")
                .flatMap(part ->
                        Stream.of(endings).flatMap(ending -> SourceFiles.below(ROOT.resolve(part), ending).stream()))
                .filter(file -> !file.toString().contains("/target/"))
                .toList();
    }

    private static List<String> jars() throws IOException {
        try (Stream<Path> folders = Files.list(FEATURES)) {
            return folders.map(folder -> folder.getFileName().toString())
                    .filter(name -> !name.equals("dmio-bom"))
                    .sorted()
                    .toList();
        }
    }

    /** Rows of the README's table as {@code jar brings}. */
    private static List<String> cells(String row) {
        return Pattern.compile(row)
                .matcher(SourceFiles.text(ROOT.resolve("README.md")))
                .results()
                .map(found -> found.group(1) + " " + found.group(2))
                .toList();
    }

    private static Element pomOf(String jar) throws Exception {
        return parse((jar.equals("dmio-reactive") ? Path.of(".") : FEATURES.resolve(jar)).resolve("pom.xml"));
    }

    private static Element parse(Path pom) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(pom.toFile())
                .getDocumentElement();
    }

    /** What is asked for outside of tests, by {@code group:artifact[:classifier]}: needed or optional. */
    private static Map<String, String> dependencies(Element pom) {
        Map<String, String> found = new TreeMap<>();
        NodeList all = pom.getElementsByTagName("dependency");
        for (int i = 0; i < all.getLength(); i++) {
            Element one = (Element) all.item(i);
            boolean ofProfile = !List.of("project", "dependencyManagement")
                    .contains(one.getParentNode().getParentNode().getNodeName());
            if (!ofProfile && !text(one, "scope").equals("test")) {
                String name = Stream.of(text(one, "groupId"), text(one, "artifactId"), text(one, "classifier"))
                        .filter(part -> !part.isEmpty())
                        .collect(Collectors.joining(":"));
                found.put(name, text(one, "optional").equals("true") ? "optional" : "needed");
            }
        }
        return found;
    }

    /** Of a child of that name, without white space; empty if there is none. */
    private static String text(Element parent, String child) {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < parent.getChildNodes().getLength(); i++) {
            if (parent.getChildNodes().item(i).getNodeName().equals(child)) {
                found.add(parent.getChildNodes().item(i).getTextContent().replaceAll("\\s", ""));
            }
        }
        return String.join("", found);
    }
}
