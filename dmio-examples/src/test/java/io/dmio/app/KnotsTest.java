package io.dmio.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** In library and app, classes that all reach each other are one thing to whoever reads them: a knot. Knots are small, and only shrink. */
class KnotsTest {

    private static final int CLASSES_MAX = 6;

    /** Packages with a larger knot, and how many classes it has. */
    private static final Map<String, Integer> LARGER = Map.of();

    @Test
    void knotsOfClassesAreSmall() {
        Map<String, Integer> larger = new TreeMap<>();
        for (Set<String> knot : knots()) {
            if (knot.size() > CLASSES_MAX) {
                String name = knot.iterator().next();
                larger.merge(name.substring(0, name.lastIndexOf('.')), knot.size(), Math::max);
            }
        }
        assertThat(larger)
                .as("at most %d classes that all reach each other; a listed number only shrinks", CLASSES_MAX)
                .isEqualTo(new TreeMap<>(LARGER));
    }

    @Test
    void aCycleIsFoundAsOneKnot() {
        Map<String, Set<String>> uses =
                Map.of("a", Set.of("b"), "b", Set.of("c"), "c", Set.of("b", "d"), "d", Set.of("c"), "e", Set.of("a"));
        assertThat(new Tarjan(uses).knots()).containsExactly(new TreeSet<>(Set.of("b", "c", "d")));
    }

    private static List<Set<String>> knots() {
        Map<String, Set<String>> uses = new TreeMap<>();
        new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("/test-classes/")) // of a quick build
                .importPackages("io.dmio")
                .forEach(type -> uses.computeIfAbsent(file(type), none -> new TreeSet<>())
                        .addAll(type.getDirectDependenciesFromSelf().stream()
                                .map(dependency -> dependency.getTargetClass())
                                .filter(target -> target.getPackageName().startsWith("io.dmio"))
                                .map(KnotsTest::file)
                                .collect(Collectors.toSet())));
        return new Tarjan(uses).knots();
    }

    /** The class of a file: what is inside it belongs to it. */
    private static String file(JavaClass type) {
        String name = type.getBaseComponentType().getName();
        int inner = name.indexOf('$');
        return inner < 0 ? name : name.substring(0, inner);
    }

    /** Strongly connected components of more than one, after Tarjan (1972). */
    private static final class Tarjan {

        private final Map<String, Set<String>> uses;
        private final Map<String, Integer> order = new HashMap<>();
        private final Map<String, Integer> low = new HashMap<>();
        private final Deque<String> open = new ArrayDeque<>();
        private final List<Set<String>> knots = new ArrayList<>();

        Tarjan(Map<String, Set<String>> uses) {
            this.uses = uses;
        }

        List<Set<String>> knots() {
            new TreeSet<>(uses.keySet())
                    .stream().filter(name -> !order.containsKey(name)).forEach(this::visit);
            knots.sort(Comparator.comparingInt(knot -> -knot.size()));
            return knots;
        }

        private void visit(String name) {
            order.put(name, order.size());
            low.put(name, order.get(name));
            open.push(name);
            for (String next : uses.getOrDefault(name, Set.of())) {
                if (!order.containsKey(next)) {
                    visit(next);
                    low.merge(name, low.get(next), Math::min);
                } else if (open.contains(next)) {
                    low.merge(name, order.get(next), Math::min);
                }
            }
            if (low.get(name).equals(order.get(name))) {
                Set<String> knot = new TreeSet<>();
                String member;
                do {
                    member = open.pop();
                    knot.add(member);
                } while (!member.equals(name));
                if (knot.size() > 1) {
                    knots.add(knot);
                }
            }
        }
    }
}
