package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.PagePool;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.LegState;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.MirrorStatus;
import io.dmio.testkit.DeviceFixture;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A mirror of a leg here and two images of a Ceph cluster behind qemu-nbd, while the cluster's OSDs die. */
class CephLegTest extends DeviceFixture {

    private static final List<String> IMAGES = List.of("leg0", "leg1");
    private static final int MIB = 48;
    private static final int BLOCK = 16 << 10;
    private static final int BLOCKS = (MIB - 4) * (1 << 20) / BLOCK; // the rest is the mirror's own

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit's
    private Path directory;

    private final List<Process> servers = new ArrayList<>();
    private final MemoryDevice local = MemoryDevice.of("local", MIB * 2048L);
    private final long[] seeds = new long[BLOCKS]; // of what each block must hold; 0 for zeroes
    private final Random random = new Random(31);

    @SuppressWarnings("NullAway.Init") // before each test
    private CephCluster cluster;

    @SuppressWarnings("NullAway.Init")
    private MirrorDevice mirror;

    @BeforeEach
    void start() throws IOException {
        CephCluster.assumeThere();
        cluster = CephCluster.start(directory);
        NbdOptions patience = NbdOptions.DEFAULT
                .withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(6))
                .withAfterLoss(
                        AfterLoss.whenClosed(Duration.ofSeconds(15))); // this cluster is back by then, or long dead
        List<BlockDevice> legs = new ArrayList<>(List.of(local));
        for (String name : IMAGES) {
            legs.add(
                    Objects.requireNonNull(NbdDevice.open(serve(name), patience).block(PATIENCE)));
        }
        MirrorOptions options = MirrorOptions.builder()
                .chunkBytes(1 << 20)
                .legDeadline(Duration.ofSeconds(1))
                .probeAfter(Duration.ofMillis(200), Duration.ofSeconds(1))
                .build();
        mirror = Objects.requireNonNull(MirrorDevice.create(legs, options).block(PATIENCE));
        tracked(mirror);
    }

    @AfterEach
    void stop() {
        closeDevices();
        servers.forEach(server -> server.toHandle().destroyForcibly());
        servers.forEach(server -> server.onExit().join());
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void osdsThatDieWhileWritingCostNothing() {
        load(() -> cluster.killOsd(1)); // the cluster goes on without it
        everyWriteIsThere();
        load(() -> cluster.killOsd(0)); // it takes no write any more, and says nothing
        everyWriteIsThere();
        assertThat(status().legs())
                .extracting(leg -> leg.state() == LegState.IN_SYNC)
                .containsExactly(true, false, false);
        cluster.startOsd(0);
        cluster.startOsd(1);
        load(() -> {});
        comesBackEqual();
        everyWriteIsThere();
    }

    /** Ends the test, with a reason, where the cluster itself is not back. */
    private void comesBackEqual() {
        try {
            RemoteMirror.comesBackEqual(mirror);
        } catch (AssertionError | IllegalStateException failed) {
            for (String image : IMAGES) {
                CephCluster.Health health = cluster.health(image);
                assumeTrue(health.serves(), () -> "the cluster has not recovered: " + health.words());
                failed.addSuppressed(new AssertionError(health.words()));
            }
            throw failed;
        }
    }

    /** Writes 8 at a time, flushes, and has something happen midway. */
    private void load(Runnable midway) {
        Flux.fromStream(random.ints(0, BLOCKS).distinct().limit(BLOCKS / 8).boxed())
                .index()
                .doOnNext(each -> {
                    if (each.getT1() == BLOCKS / 16) {
                        midway.run();
                    }
                })
                .flatMap(each -> write(each.getT2()), 8)
                .then(mirror.submit(new BlockOp.Flush()))
                .block(PATIENCE);
    }

    private Mono<Void> write(int block) {
        long seed = random.nextLong();
        ByteBuf from =
                PagePool.shared().allocate(BLOCK).setBytes(0, content(seed)).setIndex(0, BLOCK);
        return mirror.submit(new BlockOp.Write(sector(block), from, false))
                .doOnSuccess(written -> seeds[block] = seed)
                .doFinally(end -> from.release());
    }

    private void everyWriteIsThere() {
        ByteBuf into = memory(BLOCK);
        byte[] is = new byte[BLOCK];
        for (int block = 0; block < BLOCKS; block++) {
            run(mirror, new BlockOp.Read(sector(block), into));
            into.getBytes(0, is);
            assertThat(is).as("block %d", block).isEqualTo(content(seeds[block]));
        }
    }

    private static long sector(int block) {
        return (long) block * BLOCK / 512;
    }

    private static byte[] content(long seed) {
        byte[] bytes = new byte[BLOCK];
        if (seed != 0) {
            new Random(seed).nextBytes(bytes);
        }
        return bytes;
    }

    private MirrorStatus status() {
        return Objects.requireNonNull(mirror.status().block(PATIENCE));
    }

    private NbdUri serve(String name) {
        Path socket = directory.resolve(name + ".sock");
        String image = cluster.image(name, MIB);
        servers.add(Tool.serve(
                () -> Tool.isAlive(socket),
                List.of("qemu-nbd", "-t", "-f", "raw", "-k", socket.toString(), "-e", "8", "-x", name, image)));
        return NbdUri.unix(socket, name);
    }
}
