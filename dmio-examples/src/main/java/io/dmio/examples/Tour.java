package io.dmio.examples;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The tour: three files, one buffer written to all of them, the error bits, and one of them read back. */
public final class Tour {

    private Tour() {}

    /**
     * Takes the tour.
     *
     * @param args a directory; a new temporary one without
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
        DmIo client = DmIo.create().get(256); // 256 pages: at most 1 MiB in flight
        Mono<List<BlockDevice>> legs = Flux.range(0, 3)
                .concatMap(i -> IoEngines.best()
                        .open(directory.resolve("leg-" + i), OpenOptions.readWrite().withCreate(1 << 20)))
                .collectList();
        return Mono.usingWhen(legs, open -> writeAndReadBack(client, open), Tour::close);
    }

    private static Mono<String> writeAndReadBack(DmIo client, List<BlockDevice> legs) {
        List<IoRegion> regions = legs.stream().map(leg -> new IoRegion(leg, 8, 1)).toList(); // one sector of each
        VmBuffer memory = VmBuffer.allocate(512);
        memory.buffer().setZero(0, 512).setCharSequence(0, "hello, three disks", StandardCharsets.UTF_8);
        Mono<ErrorBits> written = client.write(regions, memory); // nothing happens before somebody subscribes
        Mono<ErrorBits> read = client.read(regions.get(2), memory);
        return written.flatMap(bits -> read.map(unread ->
                        "write errors " + bits + ", read errors " + unread + ": " + memory.buffer().toString(0, 18, StandardCharsets.UTF_8)))
                .doFinally(end -> memory.release());
    }

    private static Mono<Void> close(List<BlockDevice> legs) {
        return Flux.fromIterable(legs).flatMap(BlockDevice::close).then();
    }
}
