package io.dmio;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which packages of the library are its own affair: those whose package-info says so. Public in them means used by another package. */
class InternalPackagesTest {

    private static final String INTERNAL = "Internal: not part of the API, not exported, not in the published Javadoc.";

    private static final Path MAIN = Path.of("src/main/java");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("/test-classes/")) // of a quick build
            .importPackages("io.dmio");

    @Test
    void theApiMentionsNothingInternal() {
        Set<String> internal = internal();
        List<String> leaks = CLASSES.stream()
                .filter(type -> !internal.contains(type.getPackageName()) && isVisible(type))
                .flatMap(type -> mentions(type)
                        .flatMap(mentioned -> mentioned.getAllInvolvedRawTypes().stream())
                        .filter(raw -> internal.contains(raw.getPackageName()))
                        .map(raw -> type.getName() + " mentions " + raw.getName()))
                .distinct()
                .toList();
        assertThat(leaks)
                .as("what users import is made of what they can import: convert it inside")
                .isEmpty();
    }

    @Test
    void thePublishedJavadocLeavesOutWhatIsInternal() throws IOException {
        Matcher excluded = Pattern.compile("<excludePackageNames>([^<]*)</excludePackageNames>")
                .matcher(Files.readString(Path.of("pom.xml")));
        assertThat(excluded.find()).isTrue();
        assertThat(Set.of(excluded.group(1).trim().split("[\\s,]+"))).isEqualTo(internal());
    }

    @Test
    void theModuleExportsWhatIsNotInternalAndOpensNothing() {
        String descriptor = SourceFiles.text(MAIN.resolve("module-info.java"));
        Set<String> exported = Pattern.compile("\\bexports (\\S+);")
                .matcher(descriptor)
                .results()
                .map(export -> export.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> shared = packages("");
        shared.removeAll(internal());
        assertThat(exported).isEqualTo(shared);
        assertThat(descriptor).doesNotContain("opens ").doesNotContain("open module");
    }

    @Test
    void nobodyOutsideOfTheLibraryUsesWhatIsInternal() throws IOException {
        Pattern used = Pattern.compile(
                internal().stream().map(Pattern::quote).collect(Collectors.joining("|", "\\b(", ")\\.[A-Z]")));
        assertThat(SourceFiles.below(Path.of("../dmio-examples/src"), ".java"))
                .as("take what the library exports")
                .noneMatch(file -> used.matcher(SourceFiles.text(file)).find());
    }

    @Test
    void theTestkitStandsOnTheApiAlone() {
        DescribedPredicate<JavaClass> notShipped = resideInAPackage("io.dmio..")
                .and(not(resideInAnyPackage("io.dmio", "io.dmio.device", "io.dmio.testkit")));
        noClasses()
                .should()
                .dependOnClassesThat(notShipped)
                .because("its jar has this package only, and what others write stands on the API, too")
                .check(new ClassFileImporter()
                        .withImportOption(location -> !location.matches(Pattern.compile(".*Test(\\$.*)?\\.class.*")))
                        .importPackages("io.dmio.testkit"));
    }

    @Test
    void theEndsOfTheWireDoNotKnowEachOther() {
        apart("io.dmio.nbd.client..", "io.dmio.nbd", "io.dmio.nbd.server..");
        apart("io.dmio.nbd.server..", "io.dmio.nbd", "io.dmio.nbd.client..");
        apart("io.dmio.nbd.wire..", "io.dmio.nbd", "io.dmio.nbd.client..", "io.dmio.nbd.server..");
    }

    @Test
    void theWireIsUsedFromInsideItsPackageOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.dmio.nbd..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.dmio.nbd.*.."))
                .because("NbdServer and NbdDevice are what others use")
                .check(CLASSES);
    }

    private static void apart(String one, String... others) {
        noClasses()
                .that()
                .resideInAPackage(one)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .because("what both ends need is in io.dmio.nbd.wire, and what users set is converted in io.dmio.nbd")
                .check(CLASSES);
    }

    private static Stream<JavaType> mentions(JavaClass type) {
        Stream<JavaMember> members = type.getMembers().stream().filter(InternalPackagesTest::isVisible);
        return Stream.of(
                        type.getSuperclass().stream(),
                        type.getInterfaces().stream(),
                        type.getTypeParameters().stream(),
                        members.flatMap(InternalPackagesTest::mentions))
                .flatMap(part -> part);
    }

    private static Stream<JavaType> mentions(JavaMember member) {
        if (member instanceof JavaCodeUnit code) {
            return Stream.of(
                            Stream.of(code.getReturnType()),
                            code.getParameterTypes().stream(),
                            code.getTypeParameters().stream(),
                            code.getExceptionTypes().stream().map(JavaType.class::cast))
                    .flatMap(part -> part);
        }
        return member instanceof JavaField field ? Stream.of(field.getType()) : Stream.empty();
    }

    private static boolean isVisible(JavaClass type) {
        return isVisible(type.getModifiers())
                && type.getEnclosingClass().map(InternalPackagesTest::isVisible).orElse(true);
    }

    private static boolean isVisible(JavaMember member) {
        return isVisible(member.getModifiers());
    }

    private static boolean isVisible(Set<JavaModifier> modifiers) {
        return (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED))
                && !modifiers.contains(JavaModifier.SYNTHETIC);
    }

    private static Set<String> internal() {
        return packages(INTERNAL);
    }

    /** Those whose package-info has these words. */
    private static Set<String> packages(String words) {
        return SourceFiles.below(MAIN, "package-info.java").stream()
                .filter(file -> SourceFiles.text(file).contains(words))
                .map(file -> MAIN.relativize(file.getParent()).toString().replace('/', '.'))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
