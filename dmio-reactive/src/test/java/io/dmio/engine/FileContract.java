package io.dmio.engine;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.BlockDevice;
import io.dmio.Sectors;
import io.dmio.testkit.BlockDeviceContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;

/** The contract on files of one engine, in one directory, direct or buffered. */
abstract class FileContract extends BlockDeviceContract {

    private final IoEngine engine;
    private final Path parent;
    private final boolean direct;
    private final List<Path> directories = new ArrayList<>();

    FileContract(IoEngine engine, Path parent, boolean direct) {
        this.engine = engine;
        this.parent = parent;
        this.direct = direct;
    }

    @Override
    protected BlockDevice open(long sectors) {
        return open(file(), OpenOptions.readWrite().withCreate(Sectors.toBytes(sectors)));
    }

    @Override
    protected Optional<BlockDevice> openReadOnly(long sectors) {
        Path file = file();
        open(file, OpenOptions.readWrite().withCreate(Sectors.toBytes(sectors)))
                .close()
                .block(PATIENCE);
        return Optional.of(open(file, OpenOptions.readOnly()));
    }

    @Override
    protected boolean copiesHeapMemory() {
        return true;
    }

    private BlockDevice open(Path file, OpenOptions options) {
        return engine.open(file, options.withDirect(direct))
                .blockOptional(PATIENCE)
                .orElseThrow();
    }

    private Path file() {
        assumeTrue(Files.isDirectory(parent), () -> parent + " is not here");
        try {
            Path directory = Files.createTempDirectory(parent, "dmio-contract");
            directories.add(directory);
            return directory.resolve("file");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @AfterEach
    void removeFiles() throws IOException {
        for (Path directory : directories) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
