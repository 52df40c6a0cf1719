package io.dmio.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/** The tour: three files, one buffer written to all of them, the error bits, and one of them read back. */
public final class Tour {

    private Tour() {}

    /**
     * Takes the tour.
     *
     * @param args a directory; a new temporary one if there is none
     * @throws java.io.IOException if that cannot be made
     */
    public static void main(String[] args) throws java.io.IOException {
        Path directory = args.length > 0 ? Path.of(args[0]) : Files.createTempDirectory("dmio-tour-");
        System.out.println(run(directory).block());
    }

    /**
     * Takes the tour.
     *
     * @param directory where {@code leg-0} to {@code leg-2} are made
     * @return which writes failed, and what was read back
     */
    public static Mono<String> run(Path directory) {
        DmIo io = DmIo.create().get(256); // 256 pages: at most 1 MiB in flight
        OpenOptions made = OpenOptions.readWrite().withCreate(1 << 20);
        List<Path> legs =
                Stream.of("leg-0", "leg-1", "leg-2").map(directory::resolve).toList();
        Function<List<BlockDevice>, Mono<String>> work = open -> {
            List<IoRegion> regions =
                    open.stream().map(leg -> new IoRegion(leg, 8, 1)).toList(); // one sector of each
            VmBuffer memory = VmBuffer.of(Arrays.copyOf("hello, three disks".getBytes(UTF_8), 512));
            return io.write(regions, memory) // nothing happens before somebody subscribes
                    .flatMap(failed -> io.read(regions.get(2), memory)
                            .map(unread -> "failed " + failed + ", read back " + text(memory)));
        };
        return Mono.usingWhen(
                IoEngines.best().openAll(legs, made), work, BlockDevice::closeAll); // all or none, closed in the end
    }

    private static String text(VmBuffer memory) {
        return memory.buffer().toString(0, 18, UTF_8);
    }
}
