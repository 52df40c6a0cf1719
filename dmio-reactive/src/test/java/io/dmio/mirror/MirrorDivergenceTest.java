package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Legs that fail something where none can be dropped, as none has everything: what one has lost, another one has still. */
class MirrorDivergenceTest extends MirrorFixture {

    private static final long OTHER = 5L * CHUNK;

    private final ForgetfulLeg whole = new ForgetfulLeg(disk("whole"));
    private final ForgetfulLeg back = new ForgetfulLeg(disk("back"));

    private MemoryDevice disk(String name) {
        disks.add(MemoryDevice.of(name, DATA + METADATA));
        return disks.get(disks.size() - 1);
    }

    /** Nobody copies; one leg has everything, the other lacks one chunk. */
    private MirrorDevice oneIsWhole() {
        MirrorDevice mirror = watched(get(MirrorDevice.create(
                List.of(whole, back), options().equalAlready(true).build())));
        write(mirror, 0, CHUNK, 1);
        get(mirror.submit(new BlockOp.Flush()));
        pass(Duration.ofSeconds(30)); // nothing is dirty
        mirror.pause();
        back.fails = op -> op.kind() == BlockOp.Kind.WRITE && op.sector() < DATA;
        write(mirror, OTHER, 8, 2);
        back.fails = op -> false;
        pass(Duration.ofMinutes(1));
        assertThat(status(mirror).legs().get(1).staleChunks()).isEqualTo(1);
        return mirror;
    }

    /** As above; and the one that had everything has lost what was written last. */
    private MirrorDevice noneIsWhole() {
        MirrorDevice mirror = oneIsWhole();
        write(mirror, 0, 8, 3);
        whole.losesAtFlush = true;
        refused(mirror.submit(new BlockOp.Flush()), Errno.EIO, "lost");
        return mirror;
    }

    private void holds(MirrorDevice mirror, long sector, long seed) {
        for (int i = 0; i < 4; i++) {
            assertThat(read(mirror, sector, 8)).isEqualTo(Patterns.bytes(sector, 8, seed));
        }
    }

    private void comesIntoSync(MirrorDevice mirror) {
        mirror.resume();
        get(mirror.resync());
        assertThat(status(mirror).isInSync()).isTrue();
        legsAreEqual();
    }

    @Test
    void aLegThatFailedAFlushAndStaysLacksWhatItHadNotFlushed() {
        MirrorDevice mirror = noneIsWhole();
        holds(mirror, 0, 3);
        holds(mirror, OTHER, 2);
        get(mirror.submit(new BlockOp.Flush()));
        pass(Duration.ofSeconds(30));
        comesIntoSync(mirror);
        holds(mirror, 0, 3);
    }

    @Test
    void itLacksThatAfterACrashToo() {
        MirrorDevice mirror = noneIsWhole();
        get(mirror.submit(new BlockOp.Flush()));
        crash(mirror);
        MirrorDevice opened =
                watched(get(MirrorDevice.open(List.of(whole, back), options().build())));
        holds(opened, 0, 3);
        comesIntoSync(opened);
    }

    // Else it could be promised, and a crash could leave it to the leg that has lost it.
    @Test
    void aFlushAfterOneThatFailedIsGoodOnlyWhenWhatWasLostIsOnRecord() {
        MirrorDevice mirror = oneIsWhole();
        write(mirror, 0, 8, 3);
        whole.losesAtFlush = true;
        whole.fails = op -> op.kind() == BlockOp.Kind.WRITE && op.sector() >= DATA;
        refused(mirror.submit(new BlockOp.Flush()), Errno.EIO, "lost");
        refused(mirror.submit(new BlockOp.Flush()), Errno.EIO, "ill");
        whole.fails = op -> false;
        pass(Duration.ofMinutes(1));
        get(mirror.submit(new BlockOp.Flush()));
        comesIntoSync(mirror);
    }

    @Test
    void whatWasCopiedToALegThatFailedAFlushIsCopiedAgain() {
        MirrorDevice mirror = noneIsWhole();
        back.losesAtFlush = true; // what was copied to it
        comesIntoSync(mirror);
        allHold(OTHER, 8, 2);
        allHold(0, 8, 3);
    }

    @Test
    void whatWasCopiedFromALegThatFailedAFlushIsCopiedAgain() {
        MirrorDevice mirror = oneIsWhole();
        write(mirror, OTHER + 8, 8, 4);
        whole.losesAtFlush = true; // when the copy to the other leg is to be flushed
        comesIntoSync(mirror);
    }

    @Test
    void aWriteThatALegFailedDoesNotCostTheOtherAChunkThatItAloneHas() {
        MirrorDevice mirror = noneIsWhole();
        whole.fails = op -> op.kind() == BlockOp.Kind.WRITE && op.sector() < CHUNK;
        refused(mirror.submit(writeOf(8, 8, 5)), Errno.EIO, "no leg could do it");
        whole.fails = op -> false;
        holds(mirror, 0, 3);
        comesIntoSync(mirror);
        allHold(0, 8, 3);
        allHold(16, 8, 1);
    }

    @Test
    void aLossThatAFlushOfTheMirrorsOwnMetIsToldByTheNextOneThatAUserAsksFor() {
        MirrorDevice mirror =
                watched(get(MirrorDevice.create(List.of(whole), options().build())));
        get(mirror.submit(new BlockOp.Flush()));
        write(mirror, 0, 8, 1);
        whole.losesAtFlush = true;
        pass(Duration.ofSeconds(30)); // the cleaner flushes
        assertThat(whole.losesAtFlush).isFalse();
        refused(mirror.submit(new BlockOp.Flush()), Errno.EIO, "lost");
        get(mirror.submit(new BlockOp.Flush()));
    }

    @Test
    void eachFlushThatBeganBeforeAUserWasToldOfALossTellsOfIt() {
        LostWrites writes = new LostWrites(() -> null, "mirror");
        List<@Nullable DeviceException> told = new ArrayList<>();
        Consumer<@Nullable DeviceException> before = writes.tell(told::add);
        Consumer<@Nullable DeviceException> beside = writes.tell(told::add);
        DeviceException loss = DeviceException.of(Errno.EIO, "leg", "lost");
        writes.happened(loss);
        before.accept(null);
        writes.tell(told::add).accept(null);
        beside.accept(null);
        assertThat(told).containsExactly(loss, null, loss);
    }
}
