package consumer;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.Feature;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.engine.IoEngine;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.dmio.metrics.MeteredDevice;
import io.dmio.metrics.MicrometerMeter;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.nbd.NbdDevice;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/** Each part of the library, used once; prints a line for each that works. */
public final class Plain {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int BYTES = 1 << 20;

    private final DmIo io = DmIo.create().get(256);
    private final byte[] content = new byte[BYTES];

    private Plain() {
        new Random(1).nextBytes(content);
    }

    /** No arguments. */
    public static void main(String[] args) throws Exception {
        for (Feature feature : Feature.values()) {
            check(feature.lack().isEmpty(), feature.lack().orElse(""));
        }
        Plain plain = new Plain();
        for (IoEngine engine : List.of(IoEngines.posix(), IoEngines.jdk(), IoEngines.best())) {
            plain.threeFiles(engine);
        }
        plain.ring();
        plain.network();
        plain.mirrorAndMeters();
        plain.io.close().block(PATIENCE);
        System.exit(0);
    }

    /** A ring, if the kernel gives one: not to have one is no fault of a jar. */
    private void ring() throws Exception {
        IoEngine ring;
        try {
            ring = IoEngines.uring();
        } catch (UnsupportedOperationException refused) {
            check(!refused.getMessage().contains("netty"), refused.getMessage());
            System.out.println("no ring here: " + refused.getMessage());
            return;
        }
        threeFiles(ring);
    }

    private void threeFiles(IoEngine engine) throws Exception {
        Path directory = Files.createTempDirectory("dmio-consumer-");
        List<Path> legs = Stream.of("a", "b", "c").map(directory::resolve).toList();
        ErrorBits failed = Mono.usingWhen(
                        engine.openAll(legs, OpenOptions.readWrite().withCreate(BYTES)),
                        open -> io.write(open.stream().map(IoRegion::all).toList(), VmBuffer.of(content)),
                        BlockDevice::closeAll)
                .block(PATIENCE);
        check(ErrorBits.NONE.equals(failed), "failed " + failed);
        for (Path leg : legs) {
            check(Arrays.equals(Files.readAllBytes(leg), content), leg + " differs");
            byte[] back = Mono.usingWhen(
                            engine.open(leg, OpenOptions.readOnly()), this::read, BlockDevice::close)
                    .block(PATIENCE);
            check(Arrays.equals(back, content), leg + " was read back differently");
            Files.delete(leg);
        }
        Files.delete(directory);
        System.out.println("works: three files by " + engine.name());
    }

    private Mono<byte[]> read(BlockDevice device) {
        byte[] into = new byte[BYTES];
        return io.read(IoRegion.all(device), VmBuffer.of(into)).map(failed -> {
            check(failed.isClear(), "failed " + failed);
            return into;
        });
    }

    private void network() {
        MemoryDevice disk = MemoryDevice.of("disk", BYTES / 512);
        NbdServer.Builder server = NbdServer.builder().bind("127.0.0.1", 0).export(NbdExport.of("disk", disk));
        Mono<byte[]> use = Mono.usingWhen(
                server.start(),
                started -> Mono.usingWhen(
                        NbdDevice.open(started.uri("disk").toString()),
                        remote -> io.write(List.of(IoRegion.all(remote)), VmBuffer.of(content)).flatMap(bits -> {
                            check(bits.isClear(), "failed " + bits);
                            return read(remote);
                        }),
                        BlockDevice::close),
                NbdServer::close);
        check(Arrays.equals(use.block(PATIENCE), content), "what came back by NBD differs");
        check(Arrays.equals(disk.snapshot(0, BYTES / 512), content), "what was served differs");
        System.out.println("works: NBD");
    }

    private void mirrorAndMeters() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        FaultyDevice dying = FaultyDevice.of(MemoryDevice.of("dying", 1 << 13));
        MemoryDevice good = MemoryDevice.of("good", 1 << 13);
        MirrorDevice mirror = MirrorDevice.create(List.of(dying, good), MirrorOptions.defaults()).block(PATIENCE);
        BlockDevice metered = MeteredDevice.of(mirror, MicrometerMeter.of(registry, mirror.info()));
        dying.plan(Fault.errno(Errno.EIO));
        VmBuffer memory = VmBuffer.of(new byte[4096]);
        ErrorBits failed = io.write(List.of(new IoRegion(metered, 0, 8)), memory).block(PATIENCE);
        check(ErrorBits.NONE.equals(failed), "failed " + failed);
        check(!registry.getMeters().isEmpty(), "nothing was counted");
        metered.close().block(PATIENCE);
        System.out.println("works: a mirror that loses a leg, and " + registry.getMeters().size() + " meters");
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
