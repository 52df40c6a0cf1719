package io.dmio.app.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of every command that does I/O. */
public final class CommonOptions {

    /** The name of {@code --verbose}, which is looked for before any logger is made. */
    public static final String VERBOSE = "--verbose";

    @Option(
            names = "--engine",
            paramLabel = "NAME",
            description = "best (io_uring if it works here), posix, uring or jdk. Default: best.")
    private Engine.Wish engine = Engine.Wish.best;

    @Option(names = "--json", description = "Print one JSON object to standard output, and nothing else there.")
    private boolean json;

    @Option(
            names = {"-v", VERBOSE},
            description = "Log what the library does, such as which engine it chose.")
    private boolean verbose;

    public Engine engine() {
        return Engine.of(engine);
    }

    /** Returns the engine for a command that reads a few sectors and ends. */
    public Engine engineToLook() {
        return Engine.toLook(engine);
    }

    public boolean json() {
        return json;
    }

    boolean verbose() {
        return verbose;
    }

    /** A size in bytes, at least one. */
    public static final class Bytes implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            try {
                long bytes = Sizes.parse(text);
                if (bytes < 1) {
                    throw new TypeConversionException("'" + text + "' is nothing: at least 1 byte");
                }
                return bytes;
            } catch (IllegalArgumentException bad) {
                throw new TypeConversionException(bad.getMessage());
            }
        }
    }

    /** A budget in pages. */
    public static final class Pages implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            try {
                return Sizes.parsePages(text);
            } catch (IllegalArgumentException bad) {
                throw new TypeConversionException(bad.getMessage());
            }
        }
    }
}
