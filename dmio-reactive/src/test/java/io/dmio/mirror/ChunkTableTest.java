package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.mirror.ChunkTable.Mark;
import io.dmio.mirror.disk.Planes;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a batch of the bitmap marks beyond the chunks that are written now, by groups of four of ten chunks. */
class ChunkTableTest {

    private static final int CHUNKS = 10;

    private final Planes planes = new Planes(new UUID(1, 2), CHUNKS);
    private final ChunkTable chunks = new ChunkTable(planes, CHUNKS, 8, new ChunkTable.Marking(0, 4));

    @Test
    void aFirstWriteWaitsForABatchAndItsNeighboursForNone() {
        assertThat(chunks.begin(5, 5, 0)).isEqualTo(Mark.NEXT_BATCH);
        chunks.markAround(5, 5);
        batch();
        assertThat(IntStream.range(4, 8)).allMatch(chunk -> chunks.begin(chunk, chunk, 0) == Mark.DURABLE);
        assertThat(chunks.begin(3, 3, 0)).isEqualTo(Mark.NEXT_BATCH);
        assertThat(chunks.begin(8, 8, 0)).isEqualTo(Mark.NEXT_BATCH);
    }

    @Test
    void theNeighbourOfAChunkInABatchIsInTheSameOne() {
        chunks.begin(5, 5, 0);
        chunks.markAround(5, 5);
        chunks.batchBegins();
        assertThat(chunks.begin(6, 6, 0)).isEqualTo(Mark.IN_BATCH);
    }

    @Test
    void aWriteThatEndsInTheNextGroupMarksBothAndTheLastGroupEndsWithTheMirror() {
        chunks.begin(7, 8, 0);
        chunks.markAround(7, 8);
        assertThat(planes.count(Planes.DIRTY)).isEqualTo(6);
        assertThat(planes.get(Planes.DIRTY, 3)).isFalse();
    }

    @Test
    void neighboursThatNobodyWritesAreIdleAfterTheNextLook() {
        chunks.begin(1, 1, 0);
        chunks.markAround(1, 1);
        batch();
        chunks.end(1, 1);
        assertThat(chunks.takeIdle().cardinality()).as("marked just now").isZero();
        assertThat(chunks.takeIdle().cardinality()).isEqualTo(4);
    }

    private void batch() {
        chunks.batchBegins();
        chunks.batchEnded(true);
    }
}
