package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockDevice;
import io.dmio.app.cli.Engine;
import io.dmio.app.metrics.Metrics;
import io.dmio.device.MemoryDevice;
import io.dmio.engine.OpenOptions;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** Legs that are to come while the mirror runs, and what becomes of them when that fails. */
class LocalSteeringTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final MirrorOptions OPTIONS =
            MirrorOptions.builder().equalAlready(true).build();

    @TempDir
    private Path dir;

    private final Engine engine = Engine.of(Engine.Wish.jdk);
    private final List<BlockDevice> legs =
            List.of(MemoryDevice.of("a", OPTIONS.legSectors(8192)), MemoryDevice.of("b", OPTIONS.legSectors(8192)));
    private final MirrorDevice mirror =
            Objects.requireNonNull(MirrorDevice.create(legs, OPTIONS).block());
    private final LocalSteering steering = new LocalSteering(mirror, legs, this::open);

    private LegOpening open(String leg, List<String> present, long bytes, boolean force) {
        for (String other : present) {
            if (Place.isSame(leg, other)) {
                throw new IllegalArgumentException(leg + ": is a leg already");
            }
        }
        LegOpening opening = new LegOpening(Metrics.off()).creating(bytes);
        opening.open(engine, OpenOptions.readWrite(), List.of(leg));
        return opening;
    }

    @AfterEach
    void close() {
        steering.close().block(PATIENCE);
    }

    private List<LegStatus> now() {
        return Objects.requireNonNull(steering.status().block(PATIENCE)).legs();
    }

    private void awaitLeg(String name) {
        mirror.events(0)
                .filter(event -> event.message().contains(name + ") is in"))
                .blockFirst(PATIENCE);
    }

    private static <T> CompletableFuture<T> begun(Mono<T> work) {
        return work.toFuture();
    }

    @Test
    void aLegThatCameInIsKeptThoughTheReplaceThatBroughtItFails() {
        String fresh = dir.resolve("c").toString();
        mirror.pause();
        CompletableFuture<Integer> replaced = begun(steering.replace(1, fresh, false));
        awaitLeg(fresh);
        steering.close().block(PATIENCE);
        assertThatThrownBy(replaced::join).hasMessageContaining("closed");
        assertThat(dir.resolve("c")).exists();
    }

    @Test
    void ofTwoWhoAddOneFileAtOnceOneIsRefusedAndTheOtherKeepsIt() throws IOException {
        String fresh = dir.resolve("c").toString();
        Files.write(dir.resolve("c"), new byte[(int) legs.get(0).info().bytes()]);
        List<String> ends = Mono.zip(ended(steering.add(fresh, true)), ended(steering.add(fresh, true)))
                .map(both -> List.of(both.getT1(), both.getT2()))
                .block(PATIENCE);
        assertThat(ends).containsExactlyInAnyOrder("added", fresh + ": is a leg already");
        steering.resync().block(PATIENCE);
        assertThat(now()).extracting(LegStatus::name).containsExactlyInAnyOrder("a", "b", fresh);
        assertThat(now()).extracting(LegStatus::state).containsOnly(LegState.IN_SYNC);
    }

    private static Mono<String> ended(Mono<Integer> work) {
        return work.map(index -> "added").onErrorResume(refused -> Mono.just(String.valueOf(refused.getMessage())));
    }

    @Test
    void aFileThatWasMadeForALegThatIsRefusedGoesAgain() {
        String fresh = dir.resolve("c").toString();
        mirror.close().block(PATIENCE);
        assertThatThrownBy(() -> steering.add(fresh, false).block(PATIENCE)).hasMessageContaining("closed");
        assertThat(dir.resolve("c")).doesNotExist();
    }
}
