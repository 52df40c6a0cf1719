package io.dmio.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** A {@link WriteAheadLog} on two files: each line of stdin is appended, and printed when it is durable. */
public final class LogOnMirror {

    private LogOnMirror() {}

    /**
     * Prints the lines that are there, then takes more.
     *
     * @param args the directory of the two files; directory and files are made if they are not there
     * @throws IOException if stdin cannot be read, or the directory cannot be made
     */
    public static void main(String[] args) throws IOException {
        Path directory = Files.createDirectories(Path.of(args[0]));
        List<Path> files = List.of(directory.resolve("a.img"), directory.resolve("b.img"));
        boolean isNew = !Files.exists(files.get(0));
        OpenOptions options = isNew ? OpenOptions.readWrite().withCreate(4 << 20) : OpenOptions.readWrite();
        List<BlockDevice> legs = now(IoEngines.best().openAll(files, options));
        MirrorOptions mirrored = MirrorOptions.defaults();
        MirrorDevice mirror = now(isNew ? MirrorDevice.create(legs, mirrored) : MirrorDevice.open(legs, mirrored));
        WriteAheadLog log = now(WriteAheadLog.open(DmIo.create().get(64), mirror));
        log.recovered().values().forEach(record -> System.out.println("found " + new String(record, UTF_8)));
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            log.append(line.getBytes(UTF_8)).block();
            System.out.println("durable " + line);
        }
        mirror.close().block();
    }

    private static <T> T now(reactor.core.publisher.Mono<T> mono) {
        return Objects.requireNonNull(mono.block());
    }
}
