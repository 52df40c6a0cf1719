package io.dmio.bench;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.PagePool;
import io.dmio.engine.IoEngine;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.SplittableRandom;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * 4 KiB random direct writes at a depth, for some seconds: prints I/O operations per second. Arguments: engine, file (made
 * beforehand, for instance by fio's layout), depth, seconds, rounds.
 */
public final class EngineQuick {

    private static final int BYTES = 4096;

    private EngineQuick() {}

    /** Runs it. */
    public static void main(String[] args) {
        IoEngine engine = args[0].equals("uring") ? IoEngines.uring() : IoEngines.posix();
        BlockDevice device = engine.open(
                        Path.of(args[1]), OpenOptions.readWrite().withDirect(true))
                .blockOptional()
                .orElseThrow();
        int depth = Integer.parseInt(args[2]);
        int seconds = Integer.parseInt(args[3]);
        run(device, depth, 2); // warm up
        StringBuilder line = new StringBuilder(engine.name());
        for (int round = 0; round < Integer.parseInt(args[4]); round++) {
            line.append(String.format(Locale.ROOT, " %.0f", run(device, depth, seconds)));
        }
        System.out.println(line);
        device.close().block();
    }

    private static double run(BlockDevice device, int depth, int seconds) {
        long blocks = device.info().bytes() / BYTES;
        long start = System.nanoTime();
        long end = start + Duration.ofSeconds(seconds).toNanos();
        Long done = Flux.range(0, depth)
                .flatMap(lane -> lane(device, new SplittableRandom(lane), blocks, end), depth)
                .reduce(0L, Long::sum)
                .block();
        return (done == null ? 0 : done) * 1e9 / (System.nanoTime() - start);
    }

    private static Mono<Long> lane(BlockDevice device, SplittableRandom random, long blocks, long end) {
        long[] count = {0};
        return Mono.using(
                () -> PagePool.shared().allocate(BYTES).setZero(0, BYTES),
                page -> Mono.defer(() -> {
                            count[0]++;
                            return device.submit(new BlockOp.Write(random.nextLong(blocks) * 8, page, false));
                        })
                        .repeat(() -> System.nanoTime() < end)
                        .then(Mono.fromSupplier(() -> count[0])),
                ByteBuf::release);
    }
}
