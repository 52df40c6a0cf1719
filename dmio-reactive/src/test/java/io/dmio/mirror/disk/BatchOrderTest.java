package io.dmio.mirror.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.testkit.Seed;
import io.netty.buffer.Unpooled;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever of a batch of the bitmap the power leaves out, each chunk is whole on some leg, on record. */
@ExtendWith(Seed.class)
class BatchOrderTest {

    private static final UUID MIRROR = new UUID(1, 2);
    private static final int CHUNK = 9;
    private static final int CHUNKS = 12;
    private static final int LEGS = 3;
    private static final int ALL = (1 << LEGS) - 1;
    private static final int BOTH = 0b11;
    private static final int SECOND = 0b10;

    private final Planes planes = new Planes(MIRROR, CHUNKS);
    private boolean isWhole;

    BatchOrderTest() {
        planes.begin();
    }

    /** Makes a batch; what is on disk then. */
    private Planes batch(int holders) {
        BitSet units = planes.nextBatch(holders);
        Planes after = new Planes(MIRROR, CHUNKS);
        for (int plane = 0; plane < Planes.COUNT; plane++) {
            byte[] bytes = new byte[LegLayout.SLOT_BYTES];
            planes.encode(plane, 0, Unpooled.wrappedBuffer(bytes));
            after.decode(plane, 0, Unpooled.wrappedBuffer(bytes));
        }
        isWhole = planes.madeBatch(units);
        return after;
    }

    private List<Integer> lacking(Planes which) {
        return IntStream.range(0, LEGS)
                .filter(leg -> which.get(Planes.stale(leg), CHUNK))
                .boxed()
                .toList();
    }

    @Test
    void aChunkIsGivenToALegOnRecordBeforeItIsTakenFromTheLastOneThatHasIt() {
        planes.set(Planes.stale(1), CHUNK);
        planes.set(Planes.stale(2), CHUNK);
        batch(ALL);
        planes.clear(Planes.stale(1), CHUNK);
        planes.set(Planes.stale(0), CHUNK);
        assertThat(lacking(batch(ALL))).containsExactly(2);
        assertThat(isWhole).isFalse();
        assertThat(lacking(batch(ALL))).containsExactly(0, 2);
        assertThat(isWhole).isTrue();
    }

    @Test
    void itIsDirtyUntilThen() {
        planes.set(Planes.stale(1), CHUNK);
        planes.set(Planes.DIRTY, CHUNK);
        batch(BOTH);
        planes.clear(Planes.stale(1), CHUNK);
        planes.set(Planes.stale(0), CHUNK);
        planes.clear(Planes.DIRTY, CHUNK);
        assertThat(batch(BOTH).get(Planes.DIRTY, CHUNK)).isTrue();
        assertThat(batch(BOTH).get(Planes.DIRTY, CHUNK)).isFalse();
    }

    @Test
    void aLegThatLeavesOrIsOutHasNothingToBeKept() {
        planes.set(Planes.stale(1), CHUNK);
        batch(BOTH);
        planes.clear(Planes.stale(1), CHUNK);
        planes.set(Planes.stale(0), CHUNK);
        assertThat(lacking(batch(SECOND))).containsExactly(0);
        assertThat(isWhole).isTrue();
    }

    @Test
    void aBatchThatCouldNotBeMadeHoldsNothingBack() {
        planes.set(Planes.stale(1), CHUNK);
        batch(BOTH);
        planes.clear(Planes.stale(1), CHUNK);
        planes.set(Planes.stale(0), CHUNK);
        planes.noBatch(planes.nextBatch(BOTH));
        planes.clear(Planes.stale(0), CHUNK);
        assertThat(lacking(batch(BOTH))).isEmpty();
        assertThat(isWhole).isTrue();
    }

    /** As it was before, or is after it, unit by unit: so one leg has it in both. */
    @Test
    void whateverOfABatchThePowerLeavesOutEachChunkIsWholeSomewhere(SplittableRandom random) {
        for (int round = 0; round < 200; round++) {
            new BatchOrderTest().history(random);
        }
    }

    private void history(SplittableRandom random) {
        Planes disk = batch(ALL);
        for (int i = 0; i < 60; i++) {
            for (int j = random.nextInt(8); j > 0; j--) {
                change(random);
            }
            Planes before = disk;
            Planes after = batch(ALL);
            for (int chunk = 0; chunk < CHUNKS; chunk++) {
                int which = chunk;
                assertThat(IntStream.range(0, LEGS).anyMatch(leg -> has(before, leg, which) && has(after, leg, which)))
                        .as("some leg has chunk " + chunk)
                        .isTrue();
            }
            disk = after;
        }
        batch(ALL);
        Planes end = batch(ALL);
        for (int plane = 0; plane <= LEGS; plane++) {
            BitSet there = new BitSet();
            BitSet here = new BitSet();
            end.addTo(there, plane);
            planes.addTo(here, plane);
            assertThat(there).isEqualTo(here);
        }
    }

    private void change(SplittableRandom random) {
        int chunk = random.nextInt(CHUNKS);
        int leg = random.nextInt(LEGS);
        boolean another = IntStream.range(0, LEGS).anyMatch(other -> other != leg && has(planes, other, chunk));
        switch (random.nextInt(4)) {
            case 0 -> planes.set(Planes.DIRTY, chunk);
            case 1 -> planes.clear(Planes.DIRTY, chunk);
            case 2 -> planes.clear(Planes.stale(leg), chunk);
            default -> {
                if (another) {
                    planes.set(Planes.stale(leg), chunk);
                }
            }
        }
    }

    private static boolean has(Planes planes, int leg, int chunk) {
        return !planes.get(Planes.stale(leg), chunk);
    }
}
