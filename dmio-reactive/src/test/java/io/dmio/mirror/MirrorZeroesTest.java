package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Sectors;
import io.dmio.device.FaultyDevice;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

/** Discards and write-zeroes that go to the legs in pieces are one operation to everybody else. */
class MirrorZeroesTest extends MirrorFixture {

    private static final int PIECE = CHUNK;
    private static final BlockOp ALL = new BlockOp.WriteZeroes(0, DATA);

    private MirrorDevice created() {
        return create(2, options().equalAlready(true).settings(small -> small.zeroSectorsMax = PIECE));
    }

    private void stepByStep() {
        for (int i = 0; i < 8 * CHUNKS; i++) {
            legs.forEach(leg -> leg.release(1));
            pass(Duration.ofMillis(1));
        }
        legs.forEach(FaultyDevice::release);
        pass(Duration.ofSeconds(1));
    }

    @Test
    void aWriteThatComesAfterLongZeroesIsNotOverwrittenByThem() {
        MirrorDevice mirror = created();
        legs.forEach(FaultyDevice::stall);
        CompletableFuture<Void> zeroes = start(mirror, ALL);
        CompletableFuture<Void> write = start(mirror, writeOf(3 * PIECE, 8, 7));
        stepByStep();
        assertThat(zeroes).isCompleted();
        assertThat(write).isCompleted();
        assertThat(read(mirror, 3 * PIECE, 8)).isEqualTo(Patterns.bytes(3 * PIECE, 8, 7));
        allHold(3 * PIECE, 8, 7);
    }

    @Test
    void longZeroesOverwriteAllThatWasWrittenBefore() {
        MirrorDevice mirror = created();
        write(mirror, 3 * PIECE - 4, 8, 7);
        get(mirror.submit(ALL));
        assertThat(read(mirror, 3 * PIECE - 4, 8)).isEqualTo(new byte[8 * Sectors.BYTES]);
        get(mirror.close());
        legsAreEqual();
    }

    @Test
    void aCloseWaitsForLongZeroesInFlight() {
        MirrorDevice mirror = created();
        legs.forEach(FaultyDevice::stall);
        CompletableFuture<Void> zeroes = start(mirror, ALL);
        CompletableFuture<Void> close = mirror.close().toFuture();
        stepByStep();
        assertThat(zeroes).isCompleted();
        assertThat(close).isCompleted();
    }

    @Test
    void longZeroesThatNobodyWaitsForEndWithThePieceTheyAreAt() {
        MirrorDevice mirror = created();
        write(mirror, 0, 1, 1);
        write(mirror, DATA - 1, 1, 1);
        legs.forEach(FaultyDevice::stall);
        Disposable zeroes = mirror.submit(ALL).subscribe();
        zeroes.dispose();
        stepByStep();
        assertThat(read(mirror, 0, 1)).isEqualTo(new byte[Sectors.BYTES]);
        assertThat(read(mirror, DATA - 1, 1)).isEqualTo(Patterns.bytes(DATA - 1, 1, 1));
        write(mirror, 0, 1, 2);
        get(mirror.close());
        allHold(0, 1, 2);
    }
}
