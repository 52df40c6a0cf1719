package io.dmio.app.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.OwnerOptions;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An operator's program hears of each event, one at a time, and the mirror waits for none of it. */
class EventHookTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    private Path dir;

    private final FaultyDevice second = FaultyDevice.of(MemoryDevice.of("b.img", 16_384));
    private final MirrorDevice mirror = Objects.requireNonNull(MirrorDevice.create(
                    List.of(MemoryDevice.of("a.img", 16_384), second),
                    MirrorOptions.builder()
                            .name("m")
                            .equalAlready(true)
                            .owner(OwnerOptions.off())
                            .build())
            .block(PATIENCE));

    private void legFails() {
        second.plan(Fault.errno(Errno.EIO));
        mirror.submit(new BlockOp.Write(0, Unpooled.buffer(512, 512), false)).block(PATIENCE);
    }

    private List<String> told() throws IOException {
        return Files.readAllLines(dir.resolve("told"));
    }

    @Test
    void theProgramFindsWhatHappenedInItsEnvironmentFromTheStartOn() throws IOException {
        try (EventHook hook = new EventHook("echo \"$DMIO_NUMBER $DMIO_EVENT $DMIO_SEVERITY $DMIO_MIRROR leg=$DMIO_LEG"
                + " $DMIO_DEVICE: $DMIO_MESSAGE: $DMIO_REMEDY\" >> " + dir.resolve("told"))) {
            legFails();
            hook.listen(mirror);
            mirror.close().block(PATIENCE);
        }
        assertThat(told()).hasSize(2);
        assertThat(told().get(0)).isEqualTo("1 STARTED INFO m leg= : started with 2 legs: ");
        assertThat(told().get(1))
                .startsWith("2 LEG_FAILED WARNING m leg=1 b.img: leg 1 is out: ")
                .contains("dmio mirror replace");
    }

    @Test
    void aProgramThatHangsHoldsNeitherTheMirrorNorTheNextEvent() throws IOException {
        try (EventHook hook = new EventHook(
                "echo $DMIO_EVENT >> " + dir.resolve("told") + "; sleep 1000 & wait", Duration.ofMillis(200))) {
            hook.listen(mirror);
            legFails(); // answered, though the program hangs
            mirror.close().block(PATIENCE);
        }
        assertThat(told()).containsExactly("STARTED", "LEG_FAILED");
        assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive))
                .isEmpty();
    }

    @Test
    void aProgramThatFailsIsTriedForTheNextEventToo() throws IOException {
        try (EventHook hook = new EventHook("echo $DMIO_EVENT >> " + dir.resolve("told") + "; exit 3")) {
            hook.listen(mirror);
            legFails();
            mirror.close().block(PATIENCE);
        }
        assertThat(told()).containsExactly("STARTED", "LEG_FAILED");
    }

    @Test
    void withoutAProgramNothingListens() {
        try (EventHook hook = new EventHook("")) {
            hook.listen(mirror);
            mirror.close().block(PATIENCE);
        }
    }
}
