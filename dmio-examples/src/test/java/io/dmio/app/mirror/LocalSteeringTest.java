package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.dmio.app.cli.Engine;
import io.dmio.app.metrics.Metrics;
import io.dmio.device.MemoryDevice;
import io.dmio.engine.OpenOptions;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorEvent;
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

    private static final Duration PATIENCE = Duration.ofMinutes(3);
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
        LocalSteering stingy = new LocalSteering(mirror, legs, (leg, present, bytes, force) -> {
            LegOpening opening = open(leg, present, bytes / 2, force);
            assertThat(dir.resolve("c")).exists();
            return opening;
        });
        assertThatThrownBy(() -> stingy.add(fresh, false).block(PATIENCE)).hasMessageStartingWith("ENOSPC");
        assertThat(dir.resolve("c")).doesNotExist();
        assertThat(stingy.devices()).isEqualTo(legs);
    }

    /** A mirror of two files, of which the second is lost. */
    private LocalSteering lacking(String lost) throws IOException {
        long bytes = legs.get(0).info().bytes();
        String left = dir.resolve("left").toString();
        List<BlockDevice> both = List.of(opened(left, bytes), opened(lost, bytes));
        Objects.requireNonNull(MirrorDevice.create(both, OPTIONS).block(PATIENCE))
                .close()
                .block(PATIENCE);
        Files.delete(Path.of(lost));
        List<BlockDevice> one = List.of(opened(left, bytes));
        MirrorOptions degraded = MirrorOptions.builder().degraded(true).build();
        MirrorDevice half =
                Objects.requireNonNull(MirrorDevice.open(one, degraded).block(PATIENCE));
        return new LocalSteering(half, one, this::open);
    }

    private BlockDevice opened(String path, long bytes) {
        return open(path, List.of(), bytes, false).devices().get(0);
    }

    private static List<LegState> afterAWrite(LocalSteering steering) {
        DmIo client = DmIo.create().get(1);
        IoRegion first = new IoRegion(steering.mirror(), 0, 8);
        client.writeSync(List.of(first), VmBuffer.of(new byte[4096])).orThrow();
        client.close().block(PATIENCE);
        return Objects.requireNonNull(steering.status().block(PATIENCE)).legs().stream()
                .map(LegStatus::state)
                .toList();
    }

    @Test
    void aLegThatComesToThePlaceOfALostOneStaysOpenWhenThatOneIsReplaced() throws IOException {
        String path = dir.resolve("c").toString();
        LocalSteering mended = lacking(path);
        mended.replace(1, path, false).block(PATIENCE);
        assertThat(afterAWrite(mended)).containsExactly(LegState.IN_SYNC, LegState.IN_SYNC);
        mended.close().block(PATIENCE);
    }

    @Test
    void aLegThatComesToThePlaceOfALostOneStaysOpenWhenThatOneIsRemoved() throws IOException {
        String path = dir.resolve("c").toString();
        LocalSteering mended = lacking(path);
        mended.add(path, false).block(PATIENCE);
        mended.resync().block(PATIENCE);
        mended.remove(1).block(PATIENCE);
        assertThat(afterAWrite(mended)).containsExactly(LegState.IN_SYNC, LegState.IN_SYNC);
        mended.close().block(PATIENCE);
    }

    /** A replace of a lost file by a new one at its path, that has begun to bring it what it lacks, and is held there. */
    private final class HeldReplace implements AutoCloseable {
        private final String path = dir.resolve("right").toString();
        private final LocalSteering held;
        private final CompletableFuture<Integer> replaced;

        HeldReplace() throws IOException {
            long bytes = legs.get(0).info().bytes();
            List<BlockDevice> both = List.of(opened(dir.resolve("left").toString(), bytes), opened(path, bytes));
            MirrorDevice whole =
                    Objects.requireNonNull(MirrorDevice.create(both, OPTIONS).block(PATIENCE));
            held = new LocalSteering(whole, both, LocalSteeringTest.this::open);
            Files.delete(Path.of(path));
            await(MirrorEvent.Kind.LEG_FAILED);
            whole.pause();
            replaced = begun(held.replace(1, path, false));
            await(MirrorEvent.Kind.LEG_JOINED);
        }

        private void await(MirrorEvent.Kind kind) {
            held.mirror().events().filter(event -> event.kind() == kind).blockFirst(PATIENCE);
        }

        String whyItEnded() {
            return Objects.requireNonNull(ended(Mono.fromFuture(replaced)).block(PATIENCE));
        }

        @Override
        public void close() {
            held.close().block(PATIENCE);
        }
    }

    @Test
    void aReplaceInPlaceEndsWhenTheMirrorIsClosed() throws IOException {
        try (HeldReplace replace = new HeldReplace()) {
            replace.held.close().block(PATIENCE);
            assertThat(replace.whyItEnded()).contains("closed");
        }
    }

    @Test
    void aReplaceInPlaceEndsWhenItsLegIsTakenOutAndAnotherComesIntoItsPlace() throws IOException {
        try (HeldReplace replace = new HeldReplace()) {
            replace.held.remove(1).block(PATIENCE);
            replace.held.add(dir.resolve("another").toString(), false).block(PATIENCE);
            replace.held.mirror().resume();
            assertThat(replace.whyItEnded()).isEqualTo("leg 1 was taken out again before it had everything");
        }
    }

    @Test
    void aReplaceInPlaceEndsWhenTheNewLegHasEverything() throws IOException {
        try (HeldReplace replace = new HeldReplace()) {
            replace.held.mirror().resume();
            assertThat(replace.whyItEnded()).isEqualTo("added");
            assertThat(afterAWrite(replace.held)).containsExactly(LegState.IN_SYNC, LegState.IN_SYNC);
        }
    }
}
