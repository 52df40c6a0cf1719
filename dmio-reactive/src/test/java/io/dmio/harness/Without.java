package io.dmio.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.tree.ClassNode;

/**
 * What a program sees that did not bring all that the tests have. Each time it is a JVM of its own: what was loaded and started in it
 * ends with it, and burdens no test that comes later.
 */
public final class Without {

    private static final String SAID = "said: ";

    private final String classPath;
    private final String hiddenClass;

    private Without(String classPath, String hiddenClass) {
        this.classPath = classPath;
        this.hiddenClass = hiddenClass;
    }

    /** Without the jars whose path the predicate takes. */
    public static Without jars(Predicate<String> hidden) {
        return new Without(
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(hidden.negate())
                        .collect(Collectors.joining(File.pathSeparator)),
                "");
    }

    /** Without the class of this name. */
    public static Without hidden(String className) {
        return new Without(System.getProperty("java.class.path"), className);
    }

    /** With an older form of a class, which lacks a method; it is written to the directory. */
    public static Without method(String className, String method, Path directory) throws IOException {
        String file = className.replace('.', '/') + ".class";
        ClassNode type = new ClassNode();
        try (InputStream newer = ClassLoader.getSystemResourceAsStream(file)) {
            new ClassReader(Objects.requireNonNull(newer, file)).accept(type, 0);
        }
        type.methods.removeIf(one -> one.name.equals(method));
        ClassWriter older = new ClassWriter(0);
        type.accept(older);
        Path written = directory.resolve(file);
        Files.createDirectories(written.getParent());
        Files.write(written, older.toByteArray());
        return new Without(directory + File.pathSeparator + System.getProperty("java.class.path"), "");
    }

    /** Does something there, and gives what it says. */
    public String call(Class<? extends Callable<String>> what) throws Exception {
        return call(List.of(what)).get(0);
    }

    /** Does some things there, one after another, and gives what each says. */
    public List<String> call(List<? extends Class<? extends Callable<String>>> all) throws Exception {
        List<String> command = ChildJvm.command(
                There.class,
                Stream.concat(Stream.of(hiddenClass), all.stream().map(Class::getName))
                        .toArray(String[]::new));
        command.set(command.indexOf("-cp") + 1, classPath);
        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            List<String> said = output.lines()
                    .filter(line -> line.startsWith(SAID))
                    .map(line -> line.substring(SAID.length()))
                    .toList();
            assertThat(said).as("%s", output).hasSameSizeAs(all);
            return said;
        } finally {
            child.destroyForcibly();
        }
    }

    /** The program of that JVM. */
    static final class There {

        private There() {}

        /** Its arguments: the hidden class, or nothing, and then what to do, in this order. */
        @SuppressWarnings({"unchecked", "SystemOut"})
        public static void main(String[] args) throws Exception {
            ClassLoader loader = args[0].isEmpty() ? There.class.getClassLoader() : new Hiding(args[0]);
            Thread.currentThread().setContextClassLoader(loader);
            for (String name : Arrays.asList(args).subList(1, args.length)) {
                Callable<String> what = (Callable<String>)
                        loader.loadClass(name).getDeclaredConstructor().newInstance();
                System.out.println("\n" + SAID + String.valueOf(what.call()).replace('\n', ' '));
            }
            Runtime.getRuntime().halt(0); // whatever threads they left
        }
    }

    /** Loads everything anew, but for one class. */
    private static final class Hiding extends URLClassLoader {

        private final String hidden;

        Hiding(String hidden) throws IOException {
            super(urls(), ClassLoader.getPlatformClassLoader());
            this.hidden = hidden;
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.equals(hidden)) {
                throw new ClassNotFoundException(name);
            }
            return super.findClass(name);
        }

        private static URL[] urls() throws MalformedURLException {
            String[] entries = System.getProperty("java.class.path").split(File.pathSeparator, -1);
            URL[] urls = new URL[entries.length];
            for (int i = 0; i < entries.length; i++) {
                urls[i] = Path.of(entries[i]).toUri().toURL();
            }
            return urls;
        }
    }
}
