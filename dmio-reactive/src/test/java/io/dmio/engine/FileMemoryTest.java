package io.dmio.engine;

import io.dmio.BlockDevice;
import io.dmio.Sectors;
import io.dmio.harness.AnyMemoryTraffic;
import io.dmio.testkit.Seed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of buffer that users hand over, to and from files. */
@ExtendWith(Seed.class)
class FileMemoryTest extends EngineFixture {

    private static final int ROUNDS = 10;

    static Stream<Arguments> files() {
        return Stream.concat(
                engines().map(engine -> Arguments.of(engine, OpenOptions.readWrite())),
                callers()
                        .map(engine ->
                                Arguments.of(engine, OpenOptions.readWrite().withDirect(true))));
    }

    @ParameterizedTest
    @MethodSource("files")
    void requestsAtATimeReadAndWriteAnyMemory(IoEngine engine, OpenOptions options) {
        SplittableRandom random = Seed.random("files " + engine.name() + options);
        Path file = directory.resolve("file");
        long bytes = AnyMemoryTraffic.SECTORS * Sectors.BYTES;
        BlockDevice device = tracked(open(engine, file, options.withCreate(bytes)));
        AnyMemoryTraffic.Seen seen = new AnyMemoryTraffic.Seen() {
            @Override
            public BlockDevice device() {
                return device;
            }

            @Override
            public byte[] stored() {
                try {
                    return Files.readAllBytes(file);
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            }
        };
        new AnyMemoryTraffic(seen, random).run(ROUNDS);
    }
}
