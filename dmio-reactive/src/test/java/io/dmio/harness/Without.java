package io.dmio.harness;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Everything that the tests have, loaded anew but for some jars or classes: what a program sees that did not bring them. */
public final class Without extends URLClassLoader {

    private final Predicate<String> hiddenClasses;

    private Without(URL[] jars, Predicate<String> hiddenClasses) {
        super(jars, ClassLoader.getPlatformClassLoader());
        this.hiddenClasses = hiddenClasses;
    }

    /** Without the jars whose path the predicate takes. */
    public static Without jars(Predicate<String> hidden) {
        return new Without(urls(hidden.negate()), name -> false);
    }

    /** Without the classes whose name the predicate takes. */
    public static Without classes(Predicate<String> hidden) {
        return new Without(urls(path -> true), hidden);
    }

    /** Does something in there, and gives what it says. */
    @SuppressWarnings("unchecked")
    public String call(Class<? extends Callable<String>> what) throws Exception {
        Thread here = Thread.currentThread();
        @Nullable ClassLoader before = here.getContextClassLoader();
        here.setContextClassLoader(this);
        try {
            return ((Callable<String>)
                            loadClass(what.getName()).getDeclaredConstructor().newInstance())
                    .call();
        } finally {
            here.setContextClassLoader(before);
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (hiddenClasses.test(name)) {
            throw new ClassNotFoundException(name);
        }
        return super.findClass(name);
    }

    private static URL[] urls(Predicate<String> shown) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(shown)
                .map(Without::url)
                .toArray(URL[]::new);
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }
}
