package io.dmio.bench.peers;

import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Set;

/**
 * The JDK's option for direct I/O, found by its name: newer compilers warn of its package wherever they read it, and no
 * annotation stills them.
 */
final class DirectOption {

    private static final String HOLDER = "com.sun.nio.file.ExtendedOpenOption";

    private DirectOption() {}

    /** To read and write a leg without the page cache. */
    static Set<OpenOption> readWrite() {
        return Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, direct());
    }

    private static OpenOption direct() {
        try {
            return Arrays.stream(Class.forName(HOLDER).getEnumConstants())
                    .filter(option -> "DIRECT".equals(option.toString()))
                    .map(OpenOption.class::cast)
                    .findAny()
                    .orElseThrow();
        } catch (ClassNotFoundException without) {
            throw new IllegalStateException(
                    "this JDK opens no file directly: its module jdk.unsupported is missing", without);
        }
    }
}
