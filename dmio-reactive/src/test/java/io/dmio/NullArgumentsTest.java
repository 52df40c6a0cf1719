package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.harness.ApiSamples;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every public constructor and method of the API, given null: it says which argument that was, when it is called. */
class NullArgumentsTest {

    private static final List<String> PACKAGES =
            List.of("", "/engine", "/device", "/copy", "/mirror", "/nbd", "/metrics");

    @Test
    void everyMethodNamesTheArgumentThatIsNull() throws Exception {
        List<String> wrong = new ArrayList<>();
        try (ApiSamples samples = new ApiSamples()) {
            for (Class<?> type : types()) {
                for (Executable method : methods(type)) {
                    for (int at = 0; at < method.getParameterCount(); at++) {
                        if (!method.getParameterTypes()[at].isPrimitive()) {
                            said(samples, method, at).ifPresent(wrong::add);
                        }
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    /** What is wrong with what it says; nothing if it is right. */
    private static Optional<String> said(ApiSamples samples, Executable method, int at) throws Exception {
        @Nullable Object[] arguments = new @Nullable Object[method.getParameterCount()];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = i == at ? null : samples.of(method.getGenericParameterTypes()[i]);
        }
        Parameter parameter = method.getParameters()[at];
        String what = method.getDeclaringClass().getName() + "." + method.getName() + ": " + parameter;
        try {
            if (method instanceof Constructor<?> constructor) {
                constructor.newInstance(arguments);
            } else {
                ((Method) method)
                        .invoke(Modifier.isStatic(method.getModifiers()) ? null : samples.receiver(method), arguments);
            }
            return Optional.of(what + ": takes it");
        } catch (InvocationTargetException thrown) {
            return thrown.getCause() instanceof NullPointerException refusal && names(refusal, method, parameter)
                    ? Optional.empty()
                    : Optional.of(what + ": " + thrown.getCause());
        }
    }

    // By its name, by that of the option that the method sets, or in the words of the JVM, which has them from the
    // class file.
    private static boolean names(NullPointerException refusal, Executable method, Parameter parameter) {
        String said = String.valueOf(refusal.getMessage());
        if (!parameter.isNamePresent()) {
            return refusal.getMessage() != null;
        }
        return said.equals(parameter.getName())
                || method.getName().toLowerCase(Locale.ROOT).endsWith(said.toLowerCase(Locale.ROOT))
                || said.endsWith("because \"" + parameter.getName() + "\" is null");
    }

    private static List<Executable> methods(Class<?> type) {
        return Stream.<Executable>concat(
                        Arrays.stream(type.getConstructors()), Arrays.stream(type.getDeclaredMethods()))
                .filter(method -> Modifier.isPublic(method.getModifiers())
                        && !Modifier.isAbstract(method.getModifiers())
                        && !method.isSynthetic()
                        && !method.getName().equals("equals")
                        && !method.getName().equals("subscribe") // Reactor's
                        && !method.getName().equals("valueOf")) // the JDK's
                .toList();
    }

    private static List<Class<?>> types() throws IOException, ReflectiveOperationException {
        List<Class<?>> types = new ArrayList<>();
        for (String name : PACKAGES) {
            for (Path source : SourceFiles.below(Path.of("src/main/java/io/dmio" + name), ".java")) {
                String file = String.valueOf(source.getFileName()).replace(".java", "");
                boolean here = Path.of("src/main/java/io/dmio" + name).equals(source.getParent());
                if (here && !file.equals("package-info")) {
                    add(Class.forName("io.dmio" + name.replace('/', '.') + "." + file), types);
                }
            }
        }
        return types;
    }

    private static void add(Class<?> type, List<Class<?>> to) {
        if (Modifier.isPublic(type.getModifiers())) {
            to.add(type);
            for (Class<?> nested : type.getDeclaredClasses()) {
                add(nested, to);
            }
        }
    }
}
