package io.dmio.app;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The native parts of the jars for the machine that this runs on, taken out of them for the launcher. Without that, each start writes
 * them anew into the directory for temporary files, from which, besides, some systems run nothing.
 */
final class NativeParts {

    private NativeParts() {}

    /**
     * Takes them out.
     *
     * @param into a folder, which is made
     */
    static void unpack(Path into) throws IOException {
        Files.createDirectories(into);
        for (String jar : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (jar.endsWith(".jar")) {
                try (ZipFile file = new ZipFile(jar)) {
                    unpack(file, into, Pattern.compile(names(System.getProperty("os.arch"))));
                }
            }
        }
    }

    private static void unpack(ZipFile jar, Path into, Pattern here) throws IOException {
        List<? extends ZipEntry> parts = jar.stream()
                .filter(entry -> here.matcher(entry.getName()).matches())
                .toList();
        for (ZipEntry part : parts) {
            Path name = Path.of(part.getName()).getFileName();
            try (InputStream from = jar.getInputStream(part)) {
                Files.copy(from, into.resolve(name));
            }
        }
    }

    /** As jffi ({@code jni/x86_64-Linux/libjffi-1.2.so}) and Netty ({@code META-INF/native/lib…_aarch_64.so}) name them. */
    private static String names(String architecture) {
        String ofJffi = architecture.equals("amd64") ? "x86_64" : architecture;
        String ofNetty = architecture.equals("aarch64") ? "aarch_64" : ofJffi;
        return "jni/" + ofJffi + "-Linux/[^/]+\\.so|META-INF/native/[^/]+_" + ofNetty + "\\.so";
    }
}
