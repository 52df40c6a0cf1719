package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Legs that are out and may start by themselves come in at a start, however long their owner's marks have to be watched. */
class OwnerMajorityTest extends OwnerFixture {

    private static final Duration LONG = Duration.ofMinutes(10);

    private MirrorOptions.Builder slowBeats(String host) {
        return on(host, 1)
                .owner(OwnerOptions.defaults().withBeat(Duration.ofSeconds(10), 10))
                .legsMin(2)
                .equalAlready(true);
    }

    @Test
    void aStartWaitsForMarksOfLegsThatAreOutAsLongAsForThoseOfOthers() {
        MirrorDevice mirror = create(3, slowBeats("alpha"));
        legs.get(0).plan(Fault.errno(Errno.EIO));
        legs.get(1).plan(Fault.errno(Errno.EIO));
        refused(mirror.submit(writeOf(0, 8, 2)), Errno.EIO, "read-only");
        crash(mirror);

        List<BlockDevice> all = again(0, 1, 2);
        CompletableFuture<MirrorDevice> opening =
                MirrorDevice.open(all, slowBeats("beta").build()).toFuture();
        pass(LONG);

        assertThat(opening).isCompleted();
        MirrorDevice next = opening.join();
        assertThat(read(next, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 2));
        write(next, 0, 8, 3);
        get(next.close());
    }
}
