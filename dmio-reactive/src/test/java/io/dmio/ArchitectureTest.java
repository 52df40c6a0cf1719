package io.dmio;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.netty.buffer.ByteBuf;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The picture in docs/design.md, and the written rules for the sources of library and app. Each rule names what to do instead. */
class ArchitectureTest {

    private static final int LINES_MAX = 300;

    private static final Path LIBRARY = Path.of("");
    private static final Path APP = Path.of("../dmio-examples");

    /** Packages that the root itself is built on, and what each of them knows. */
    private static final Map<String, List<String>> BELOW =
            Map.of("budget", List.of("concurrent"), "concurrent", List.of(), "memory", List.of());

    /** Packages that show others, and what each of them knows beside the root and what is below it. */
    private static final Map<String, List<String>> SHOWS = Map.of("metrics", List.of("copy", "mirror", "nbd"));

    /** Files that are longer all the same, by name and length; the list and its numbers only shrink. */
    private static final Map<String, Integer> LONGER = Map.of(
            "DmIo.java", 401, // the client: two thirds of it are what its methods promise
            "DmIoWriteTest.java", 436,
            "Errno.java", 327, // a table: what each number means, in two ways
            "PageBudgetTest.java", 425);

    /** What no source says: the pattern, where it is banned, and what to write instead. */
    private static final List<Ban> BANS = List.of(
            new Ban("Thread\\.sleep\\(", path -> true, "virtual time in tests, Mono.delay in the library"),
            new Ban(
                    "Unpooled\\.wrappedBuffer\\(page",
                    path -> true,
                    "retainedSlice(0, capacity), which keeps fresh pages alive"),
            new Ban("System\\.(out|err)\\b", ArchitectureTest::isMain, "slf4j, a metric or an exception"),
            new Ban("\\b(TODO|FIXME|XXX)\\b", path -> true, "the change itself, or an issue"),
            new Ban(
                    "Operators\\.onErrorDropped\\(",
                    path -> isMain(path) && !path.endsWith("Dropped.java"),
                    "Dropped.error, as the hook may throw"),
            new Ban(
                    "CompletableFuture\\.(run|supply)Async\\(|\\bForkJoinPool\\b",
                    path -> !path.endsWith("OwnThread.java"),
                    "OwnThread in tests, a Scheduler in the library: the common pool may have one thread"),
            new Ban(
                    "\\.filterWhen\\(",
                    ArchitectureTest::isMain,
                    "flatMap with a filter: Reactor 3.8.8 drops the error of the inner one after it has told it"),
            new Ban("\\.printStackTrace\\(\\)", path -> true, "a logger with the exception as its last argument"));

    private record Ban(String pattern, Predicate<Path> where, String instead) {}

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("/test-classes/")) // of a quick build
            .importPackages("io.dmio");

    private static final SliceAssignment EACH_ALONE = new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(type.getPackageName());
        }

        @Override
        public String getDescription() {
            return "every package, also those below another";
        }
    };

    @Test
    void packagesHaveNoCycles() {
        holds(slices().matching("io.dmio.(*)..").should().beFreeOfCycles()); // with all that is below each
        holds(slices().assignedFrom(EACH_ALONE).should().beFreeOfCycles());
    }

    @Test
    void whatIsBelowTheRootKnowsNothingOfIt() {
        BELOW.forEach((name, known) -> knowsOnly(
                "io.dmio." + name,
                Stream.concat(Stream.of(name), known.stream()).map(below -> "io.dmio." + below),
                "it serves any words: move what it wants to know in there"));
    }

    @Test
    void everyPackageKnowsOnlyTheRootAndWhatIsBelow() {
        String instead = "devices are put together by who uses them: take a BlockDevice instead";
        knowsOnly("io.dmio", Stream.of("io.dmio", "io.dmio.budget", "io.dmio.concurrent", "io.dmio.memory"), instead);
        for (String name : packages()) {
            if (!BELOW.containsKey(name)) {
                String mine = "io.dmio." + name + "..";
                Stream<String> shown =
                        SHOWS.getOrDefault(name, List.of()).stream().map(other -> "io.dmio." + other);
                Stream<String> below = Stream.of("io.dmio", "io.dmio.concurrent", "io.dmio.memory", mine);
                knowsOnly(mine, Stream.concat(below, shown), instead);
            }
        }
    }

    private static void knowsOnly(String here, Stream<String> known, String instead) {
        String[] all = known.toArray(String[]::new);
        holds(noClasses()
                .that()
                .resideInAPackage(here)
                .should()
                .dependOnClassesThat(resideInAPackage("io.dmio..").and(not(resideInAnyPackage(all))))
                .because(instead));
    }

    @Test
    void nativeCallsAreMadeByEnginesOnly() {
        onlyIn("jnr..", "an engine's BlockDevice", "io.dmio.engine..");
        onlyIn("com.kenai.jffi..", "an engine's BlockDevice", "io.dmio.engine..");
    }

    @Test
    void nettysChannelsAreUsedByEnginesAndTheNetworkOnly() {
        onlyIn("io.netty.channel..", "an engine's BlockDevice", "io.dmio.engine..", "io.dmio.nbd..");
    }

    @Test
    void micrometerIsUsedByMetersOnly() {
        onlyIn("io.micrometer..", "a DeviceMeter", "io.dmio.metrics..");
    }

    @Test
    void theJdksInsidesAreUsedByNobody() {
        onlyIn("sun..", "the public API of the JDK or of Netty");
        onlyIn("jdk.internal..", "the public API of the JDK or of Netty");
    }

    // A buffer's derived buffers share the NIO view of their root, and Netty's duplicates are not always of what they
    // are taken from.
    @Test
    void viewsAndCopiesOfBuffersAreMadeInOnePlace() {
        Set<String> views = Set.of("duplicate", "retainedDuplicate", "nioBuffer", "internalNioBuffer", "retainedSlice");
        Set<String> copies = Set.of("setBytes", "getBytes");
        DescribedPredicate<JavaMethodCall> byHand = DescribedPredicate.describe("a view or copy of a ByteBuf", call -> {
            boolean buffer = call.getTargetOwner().isAssignableTo(ByteBuf.class);
            boolean takesOne = call.getTarget().getRawParameterTypes().stream()
                    .anyMatch(type -> type.isEquivalentTo(ByteBuf.class));
            return buffer && (views.contains(call.getName()) || (copies.contains(call.getName()) && takesOne));
        });
        holds(
                noClasses()
                        .that()
                        .doNotHaveSimpleName("Views")
                        .and()
                        .doNotHaveSimpleName("Bytes")
                        .should()
                        .callMethodWhere(byHand)
                        .because(
                                "io.dmio.memory.Views and io.dmio.memory.Bytes do it for every kind of buffer and for several threads"));
    }

    @Test
    void everyPackageIsNullMarked() {
        List<Path> without = sources()
                .filter(path -> !path.endsWith("module-info.java"))
                .map(Path::getParent)
                .distinct()
                .filter(directory ->
                        !text(directory.resolve("package-info.java")).contains("@NullMarked"))
                .filter(directory -> directory.toString().contains("src/main/java") || !hasMainTwin(directory))
                .toList();
        assertThat(without).as("add a package-info.java with @NullMarked").isEmpty();
    }

    @Test
    void noSourceSaysWhatIsBanned() {
        List<String> found = sources()
                .filter(path -> !path.endsWith("ArchitectureTest.java"))
                .flatMap(path -> BANS.stream()
                        .filter(ban -> ban.where().test(path)
                                && Pattern.compile(ban.pattern())
                                        .matcher(text(path))
                                        .find())
                        .map(ban -> path + " has " + ban.pattern() + ": use " + ban.instead()))
                .toList();
        assertThat(found).isEmpty();
    }

    @Test
    void filesStayShort() {
        Map<String, Integer> lines = new TreeMap<>();
        sources()
                .forEach(path -> lines.merge(
                        String.valueOf(path.getFileName()),
                        (int) text(path).lines().count(),
                        Math::max));
        assertThat(lines)
                .as("at most %d lines: one concept a file, so split it; a listed exception may only shrink", LINES_MAX)
                .allSatisfy(
                        (name, count) -> assertThat(count).isLessThanOrEqualTo(LONGER.getOrDefault(name, LINES_MAX)));
        assertThat(LONGER.keySet())
                .as("no longer too long: strike it from the list")
                .noneMatch(name -> lines.getOrDefault(name, Integer.MAX_VALUE) <= LINES_MAX);
    }

    private static void onlyIn(String banned, String instead, String... allowed) {
        String[] nowhere = {"nowhere"};
        holds(noClasses()
                .that(not(resideInAnyPackage(allowed.length == 0 ? nowhere : allowed)))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(banned)
                .because("it is kept to " + List.of(allowed) + ": use " + instead));
    }

    private static void holds(ArchRule rule) {
        rule.allowEmptyShould(true).check(MAIN); // a package may not be there yet
    }

    private static Set<String> packages() {
        Pattern below = Pattern.compile("io\\.dmio\\.(\\w+).*");
        return MAIN.stream()
                .map(type -> below.matcher(type.getPackageName()))
                .filter(Matcher::matches)
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean isMain(Path path) {
        return path.startsWith(LIBRARY.resolve("src/main"));
    }

    private static boolean hasMainTwin(Path testDirectory) { // one package, one mark: the compiler takes the main one's
        return Files.exists(Path.of(testDirectory.toString().replace("src/test/java", "src/main/java")));
    }

    private static Stream<Path> sources() {
        return Stream.of(LIBRARY, APP)
                .flatMap(module -> Stream.of("src/main/java", "src/test/java").map(module::resolve))
                .flatMap(root -> SourceFiles.below(root, ".java").stream());
    }

    private static String text(Path path) {
        return Files.exists(path) ? SourceFiles.text(path) : "";
    }
}
