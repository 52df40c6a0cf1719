package io.dmio.app.config;

import io.dmio.app.cli.FilePath;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Stack;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code --config FILE}: has the effect of the file's options in its place. */
public final class ConfigOption {

    @Option(
            names = ConfigFile.OPTION,
            paramLabel = "FILE",
            preprocessor = Expansion.class,
            description = "Take options from a file (TOML), by their long names: legs = [\"a.img\", \"b.img\"].")
    private @Nullable Path file; // set by the preprocessor, which puts the file's options in its place

    /** Returns the file, if there is one, as it was given. */
    public Optional<Path> file() {
        return Optional.ofNullable(file);
    }

    /** Puts the file's options where the option stands. */
    static final class Expansion implements IParameterPreprocessor {

        @Override
        @SuppressWarnings("JdkObsolete") // picocli's
        public boolean preprocess(Stack<String> args, CommandSpec command, ArgSpec option, Map<String, Object> info) {
            if (args.isEmpty()) {
                throw new ParameterException(command.commandLine(), ConfigFile.OPTION + ": which file?");
            }
            Path file = FilePath.of(args.pop());
            option.setValue(file);
            List<String> given = ConfigFile.arguments(file, command);
            for (int i = given.size() - 1; i >= 0; i--) {
                args.push(given.get(i));
            }
            return true; // it is done with
        }
    }
}
