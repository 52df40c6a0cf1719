package io.dmio.app;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The picture of the app in docs/design.md, held by a test. The rules for all sources are in the library's test of this name. */
class ArchitectureTest {

    /** What each package of the app may know of the others. */
    private static final Map<String, List<String>> KNOWS = Map.ofEntries(
            Map.entry("cli", List.of()),
            Map.entry("chart", List.of()),
            Map.entry("measure", List.of("chart")),
            Map.entry("copy", List.of("cli")),
            Map.entry("metrics", List.of("cli", "control")),
            Map.entry("events", List.of("cli")),
            Map.entry("schedule", List.of("cli")),
            Map.entry("serve", List.of("cli", "metrics")),
            Map.entry("info", List.of("cli")),
            Map.entry("control", List.of("cli")),
            Map.entry("page", List.of("cli", "control")),
            Map.entry("config", List.of("cli")),
            Map.entry("mirror", List.of("cli", "config", "control", "events", "metrics", "page", "schedule", "serve")),
            Map.entry("demo", List.of("cli", "copy", "mirror")),
            Map.entry("bench", List.of("cli", "measure")));

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("/test-classes/")) // of a quick build
            .importPackages("io.dmio.app", "io.dmio.examples");

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.dmio.app.(*)..").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void everyCommandKnowsOnlyWhatThePictureShows() {
        KNOWS.forEach((name, others) -> noClasses()
                .that()
                .resideInAPackage("io.dmio.app." + name)
                .should()
                .dependOnClassesThat(inTheAppBut(
                        Stream.concat(Stream.of(name), others.stream()).toList()))
                .because("commands share by cli, measure and chart, or as the picture in docs/design.md shows")
                .check(MAIN));
    }

    @Test
    void thePictureShowsEveryPackage() {
        Set<String> packages = MAIN.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> name.startsWith("io.dmio.app."))
                .map(name -> name.substring("io.dmio.app.".length()))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(packages).isEqualTo(new TreeSet<>(KNOWS.keySet()));
    }

    @Test
    void examplesAndTheAppDoNotKnowEachOther() {
        apart("io.dmio.examples..", "io.dmio.app..");
        apart("io.dmio.app..", "io.dmio.examples..");
    }

    private static void apart(String one, String other) {
        noClasses()
                .that()
                .resideInAPackage(one)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(other)
                .because("an example is to be read alone")
                .check(MAIN);
    }

    private static DescribedPredicate<JavaClass> inTheAppBut(List<String> names) {
        String[] known = names.stream().map(name -> "io.dmio.app." + name).toArray(String[]::new);
        return resideInAPackage("io.dmio.app..")
                .and(DescribedPredicate.not(resideInAnyPackage(known)))
                .as("in the app, but not in %s", Arrays.toString(known));
    }
}
