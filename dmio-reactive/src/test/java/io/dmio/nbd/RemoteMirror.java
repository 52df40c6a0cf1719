package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.MirrorStatus;
import io.dmio.mirror.ScrubMode;
import io.dmio.mirror.ScrubReport;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A mirror of a leg here and a leg behind a server, in chunks of 64 KiB, which looks soon whether a lost leg is back. */
final class RemoteMirror {

    static final int CHUNK_BYTES = 64 << 10;

    /** A client that gives a server up soon. */
    static final NbdOptions QUICK = NbdOptions.DEFAULT.withTimeouts(Duration.ofMillis(500), Duration.ofMillis(1500));

    /** A leg's deadline to go with it. */
    static final Duration QUICK_LEG = Duration.ofMillis(300);

    private RemoteMirror() {}

    /** A new one, in sync. */
    static MirrorDevice create(BlockDevice local, NbdUri far, NbdOptions patience, Duration legDeadline) {
        NbdDevice leg = Objects.requireNonNull(NbdDevice.open(far, patience).block(NbdTestServer.PATIENCE));
        MirrorOptions options = MirrorOptions.builder()
                .chunkBytes(CHUNK_BYTES)
                .legDeadline(legDeadline)
                .probeAfter(Duration.ofMillis(50), Duration.ofMillis(200))
                .build();
        MirrorDevice mirror = Objects.requireNonNull(
                MirrorDevice.create(List.of(local, leg), options).block(NbdTestServer.PATIENCE));
        mirror.resync().block(NbdTestServer.PATIENCE);
        return mirror;
    }

    /** Every leg gets what it missed by itself, and then they are equal. */
    static void comesBackEqual(MirrorDevice mirror) {
        AtomicReference<@Nullable MirrorStatus> last = new AtomicReference<>();
        Flux.interval(Duration.ofMillis(50))
                .onBackpressureDrop()
                .concatMap(tick -> mirror.status(), 1)
                .doOnNext(last::set)
                .filter(MirrorStatus::isInSync)
                .next()
                .timeout(
                        NbdTestServer.PATIENCE,
                        Mono.error(() -> new IllegalStateException("not in sync: " + last.get())))
                .block();
        mirror.resync().block(NbdTestServer.PATIENCE);
        ScrubReport scrub = Objects.requireNonNull(mirror.scrub(ScrubMode.CHECK).block(NbdTestServer.PATIENCE));
        assertThat(scrub.sectorsDifferent()).isZero();
    }
}
