package io.dmio.guides;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.dmio.device.MemoryDevice;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorEvent;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.MirrorStatus;
import io.dmio.mirror.OwnerOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** docs/guide-mirror.md. */
class MirrorGuideTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final MirrorOptions ALONE =
            MirrorOptions.builder().owner(OwnerOptions.off()).build();

    private final DmIo io = DmIo.create().get(64);

    @Test
    void aMirrorIsMadeAndWrittenTo(@TempDir Path directory) {
        List<Path> legs = List.of(directory.resolve("leg-0"), directory.resolve("leg-1"));
        OpenOptions options = OpenOptions.readWrite().withOpenOrCreate(16 << 20);
        VmBuffer memory = VmBuffer.of(new byte[4096]);

        Mono<ErrorBits> written = Mono.usingWhen(
                IoEngines.best()
                        .openAll(legs, options)
                        .flatMap(open -> MirrorDevice.create(open, MirrorOptions.defaults())),
                mirror -> io.write(List.of(new IoRegion(mirror, 0, 8)), memory),
                MirrorDevice::close); // closes its legs

        assertThat(written.block(PATIENCE)).isEqualTo(ErrorBits.NONE);
    }

    private static MirrorDevice mirror(BlockDevice... legs) {
        return MirrorDevice.create(List.of(legs), ALONE).blockOptional().orElseThrow();
    }

    private static BlockDevice disk(String name) {
        return MemoryDevice.of(name, 16384);
    }

    @Test
    void itSaysHowItIs() {
        MirrorDevice mirror = mirror(disk("a"), disk("b"));

        MirrorStatus status = mirror.status().blockOptional().orElseThrow();
        Map<String, LegState> legs =
                status.legs().stream().collect(Collectors.toMap(LegStatus::name, LegStatus::state));

        assertThat(legs).containsOnlyKeys("a", "b");
        assertThat(status.writable()).isTrue();
        mirror.close().block();
    }

    @Test
    void itSaysWhatHappens() {
        MirrorDevice mirror = mirror(disk("a"), disk("b"));
        Map<MirrorEvent.Kind, String> seen = new ConcurrentHashMap<>();

        Flux<MirrorEvent> events = mirror.events(0); // those of before, too
        Disposable watch = events.filter(event -> event.severity() != MirrorEvent.Severity.INFO)
                .subscribe(event -> seen.put(event.kind(), event.message()));

        watch.dispose();
        assertThat(seen).isEmpty();
        mirror.close().block();
    }

    @Test
    void aLegIsReplacedWhileItIsUsed() {
        MirrorDevice mirror = mirror(disk("a"), disk("b"));
        BlockDevice fresh = disk("fresh");

        mirror.replace(1, fresh).block(PATIENCE);
        Mono<Void> whole = mirror.status()
                .filter(MirrorStatus::isInSync)
                .repeatWhenEmpty(again -> again.delayElements(Duration.ofMillis(20)))
                .then();

        whole.block(PATIENCE);
        mirror.close().block();
    }
}
