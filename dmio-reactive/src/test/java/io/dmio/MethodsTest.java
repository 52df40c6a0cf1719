package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Methods are short and take few arguments, in library and app; what does not, is listed, and the lists only shrink. */
class MethodsTest {

    private static final int LINES_MAX = 40;
    private static final int PARAMETERS_MAX = 4;

    /** By class, method and how many lines. */
    private static final Map<String, Integer> LONGER = Map.of(
            "CopyPropertyTest.whateverIsCopiedEndsAsTheModelSays", 45,
            "Superblock.newest", 41);

    /** By class, method and how many parameters; a record's components are no parameters; those of system calls and ops are the kernel's and Netty's. */
    private static final Map<String, Integer> MORE = Map.ofEntries(
            Map.entry("Asked.<init>", 5),
            Map.entry("Bytes.copy", 5),
            Map.entry("CFunction.call", 5),
            Map.entry("ClientRequest.<init>", 6),
            Map.entry("CopyControlTest.cancelAfter", 5),
            Map.entry("DeviceCopyJob.<init>", 6),
            Map.entry("DeviceException.of", 6),
            Map.entry("DeviceInfo.refuse", 5),
            Map.entry("Disk.mayHold", 5),
            Map.entry("LibC.pwritev", 5),
            Map.entry("LibC.statx", 5),
            Map.entry("Membership.first", 5),
            Map.entry("MetadataEdits.sector", 5),
            Map.entry("OpeningTest.refused", 5),
            Map.entry("ReplyFrames.chunk", 5),
            Map.entry("ReplyFrames.status", 5),
            Map.entry("ReplyWriter.data", 5),
            Map.entry("ServerRun.servers", 5),
            Map.entry("UringOps.ops", 8),
            Map.entry("UringOps.read", 5));

    private static final Map<String, Integer> LINES = new TreeMap<>();
    private static final Map<String, Integer> PARAMETERS = new TreeMap<>();

    @BeforeAll
    static void read() throws IOException {
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "a JDK runs the tests");
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask)
                    compiler.getTask(null, files, null, null, null, files.getJavaFileObjectsFromPaths(sources()));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree file : task.parse()) {
                new Methods(file, positions).scan(file, null);
            }
        }
    }

    @Test
    void methodsStayShort() {
        keepsTo(LINES, LINES_MAX, LONGER, "lines: name its parts");
    }

    @Test
    void methodsTakeFewArguments() {
        keepsTo(PARAMETERS, PARAMETERS_MAX, MORE, "parameters: what belongs together is a record");
    }

    private static void keepsTo(Map<String, Integer> found, int most, Map<String, Integer> listed, String words) {
        Map<String, Integer> tooMuch = new TreeMap<>();
        found.forEach((name, count) -> {
            if (count > most) {
                tooMuch.put(name, count);
            }
        });
        assertThat(tooMuch)
                .as("at most %d %s; what is listed may only shrink, and is struck from the list then", most, words)
                .isEqualTo(new TreeMap<>(listed));
    }

    private static List<Path> sources() {
        return Stream.of(Path.of(""), Path.of("../dmio-examples"))
                .flatMap(module -> Stream.of(module.resolve("src/main/java"), module.resolve("src/test/java")))
                .flatMap(root -> SourceFiles.below(root, ".java").stream())
                .toList();
    }

    /** Counts what a file has. */
    private static final class Methods extends TreeScanner<@Nullable Void, @Nullable Void> {

        private final CompilationUnitTree file;
        private final SourcePositions positions;
        private final List<ClassTree> types = new ArrayList<>(); // from the outermost on

        Methods(CompilationUnitTree file, SourcePositions positions) {
            this.file = file;
            this.positions = positions;
        }

        @Override
        public @Nullable Void visitClass(ClassTree type, @Nullable Void none) {
            types.add(type);
            super.visitClass(type, null);
            types.remove(types.size() - 1);
            return null;
        }

        private boolean isOfARecord(MethodTree method) {
            return method.getName().contentEquals("<init>")
                    && types.get(types.size() - 1).getKind() == Tree.Kind.RECORD;
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void none) {
            if (method.getBody() != null && positions.getStartPosition(file, method) >= 0) {
                String name = types.stream()
                        .map(type -> type.getSimpleName() + ".")
                        .collect(Collectors.joining("", "", method.getName()));
                LineMap lines = file.getLineMap();
                long first = lines.getLineNumber(positions.getStartPosition(file, method.getBody()));
                long last = lines.getLineNumber(positions.getEndPosition(file, method.getBody()));
                LINES.merge(name, (int) (last - first + 1), Math::max);
                if (!isOfARecord(method)) {
                    PARAMETERS.merge(name, method.getParameters().size(), Math::max);
                }
            }
            return super.visitMethod(method, null);
        }
    }
}
