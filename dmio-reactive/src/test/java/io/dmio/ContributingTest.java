package io.dmio;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What CONTRIBUTING.md asks of those who add something, and that what it and the documents name is there. */
class ContributingTest {

    private static final Path ROOT = Path.of("..");

    private static final List<Path> SOURCES = Stream.of("dmio-reactive", "dmio-examples")
            .flatMap(module -> SourceFiles.below(ROOT.resolve(module).resolve("src"), ".java").stream())
            .toList();

    @Test
    void everyDeviceOfTheApiIsProvedByTheContract() {
        List<String> contracts = SOURCES.stream()
                .map(SourceFiles::text)
                .filter(text -> text.contains("extends BlockDeviceContract"))
                .toList();
        Set<String> unproved = new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .withImportOption(location -> !location.contains("/test-classes/")) // of a quick build
                        .importPackages("io.dmio")
                        .stream()
                        .filter(assignableTo(BlockDevice.class))
                        .filter(type ->
                                !type.isInterface() && type.getModifiers().contains(JavaModifier.PUBLIC))
                        .map(JavaClass::getSimpleName)
                        .filter(name -> contracts.stream().noneMatch(mentions(name)))
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(unproved)
                .as("add a test that extends BlockDeviceContract and opens one")
                .isEmpty();
    }

    @Test
    void testsThatTheDocumentsNameAreThere() {
        Set<String> there = SOURCES.stream()
                .map(path -> String.valueOf(path.getFileName()).replace(".java", ""))
                .collect(Collectors.toSet());
        Stream.concat(
                        Stream.of(ROOT.resolve("CONTRIBUTING.md")),
                        SourceFiles.below(ROOT.resolve("docs"), ".md").stream())
                .forEach(page ->
                        assertThat(named(SourceFiles.text(page))).as("%s", page).isSubsetOf(there));
    }

    private static Set<String> named(String page) {
        return Pattern.compile("`([A-Z]\\w*(?:Test|Contract))`")
                .matcher(page)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Predicate<String> mentions(String name) {
        return Pattern.compile("\\b" + name + "\\b").asPredicate();
    }
}
