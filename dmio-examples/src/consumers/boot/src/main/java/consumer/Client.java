package consumer;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.Feature;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.dmio.metrics.MeteredDevice;
import io.dmio.metrics.MicrometerMeter;
import io.dmio.nbd.NbdDevice;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.client.ExchangeStrategies;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/** Uploads, downloads, and reads by NBD what was uploaded; where NBD cannot be, that has to be said by name and at once. */
@Component
public class Client {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Environment environment;
    private final DmIo io;
    private final Service.Disks disks;
    private final byte[] content = new byte[Service.BYTES];

    Client(Environment environment, DmIo io, Service.Disks disks) {
        this.environment = environment;
        this.io = io;
        this.disks = disks;
        new Random(2).nextBytes(content);
    }

    void use() {
        WebClient http = WebClient.builder()
                .baseUrl("http://127.0.0.1:" + environment.getProperty("local.server.port"))
                .exchangeStrategies(ExchangeStrategies.builder()
                        .codecs(codecs -> codecs.defaultCodecs().maxInMemorySize(2 * Service.BYTES))
                        .build())
                .build();
        String said = http.post().uri("/image").bodyValue(content).retrieve().bodyToMono(String.class).block(PATIENCE);
        check("0b0".equals(said), "the upload: " + said);
        for (int leg = 0; leg < 3; leg++) {
            byte[] back = http.get().uri("/image/" + leg).retrieve().bodyToMono(byte[].class).block(PATIENCE);
            check(Arrays.equals(back, content), "leg " + leg + " differs");
        }
        System.out.println("works: upload to three files and download from each");
        meters();
        network();
    }

    private void meters() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        BlockDevice disk = disks.open().get(0);
        BlockDevice metered = MeteredDevice.of(disk, MicrometerMeter.of(registry, disk.info()));
        check(Arrays.equals(read(metered).block(PATIENCE), content), "a metered read differs");
        check(!registry.getMeters().isEmpty(), "nothing was counted");
        System.out.println("works: meters");
    }

    private void network() {
        NbdServer.Builder server =
                NbdServer.builder().bind("127.0.0.1", 0).export(NbdExport.of("disk", disks.open().get(1)));
        Mono<byte[]> use = Mono.usingWhen(
                server.start(),
                started -> Mono.usingWhen(
                        NbdDevice.open(started.uri("disk").toString()), this::read, BlockDevice::close),
                NbdServer::close);
        if (Feature.NBD.lack().isPresent()) {
            refused(use, Feature.NBD.lack().get());
            refused(NbdDevice.open("nbd://127.0.0.1/disk"), Feature.NBD.lack().get());
            System.out.println("refused by name: " + Feature.NBD.lack().get());
        } else {
            check(Arrays.equals(use.block(PATIENCE), content), "what came by NBD differs");
            System.out.println("works: NBD");
        }
    }

    private static void refused(Mono<?> use, String lack) {
        try {
            use.block(PATIENCE);
        } catch (DeviceException refusal) {
            check(refusal.errno() == Errno.ENOPKG && refusal.reason().equals(Optional.of(Feature.NBD)), "" + refusal);
            check(refusal.getMessage().contains(lack), refusal.getMessage() + " does not say " + lack);
            return;
        }
        throw new AssertionError("NBD was not refused");
    }

    private Mono<byte[]> read(BlockDevice device) {
        byte[] into = new byte[Service.BYTES];
        return io.read(IoRegion.all(device), VmBuffer.of(into)).map(failed -> {
            check(failed.isClear(), "failed " + failed);
            return into;
        });
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
