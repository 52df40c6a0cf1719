package io.dmio.mirror;

import io.dmio.DeviceException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the chunks of a range durably dirty while something is written there to some legs: a write that fails leaves anything,
 * so whoever is dropped for it, or is there after a crash, has to lack these chunks. Owned by the mailbox.
 */
final class DirtyRange {

    private final Mirror mirror;
    private final int first;
    private final int last;

    DirtyRange(Mirror mirror, long sector, long count) {
        this.mirror = mirror;
        this.first = mirror.chunks().chunkOf(sector);
        this.last = mirror.chunks().lastChunkOf(sector, count);
    }

    /** Tells when it is durable, or with what it could not be made so; in either case it is to be ended. */
    void begin(Consumer<@Nullable DeviceException> told) {
        ChunkTable.Mark mark = mirror.chunks().begin(first, last, 0);
        if (mark == ChunkTable.Mark.DURABLE) {
            told.accept(null);
            return;
        }
        mirror.cleaner().start();
        if (mark == ChunkTable.Mark.IN_BATCH) {
            mirror.intents().awaitBatch(told);
        } else {
            mirror.intents().await(told);
        }
    }

    /** Nothing is written there any more; legs that failed it lack it. */
    void end(int failedMask) {
        for (Leg leg : mirror.roster().present()) {
            if ((failedMask & leg.bit()) != 0 && mirror.options().keeps(Rule.SPOIL_WHAT_FAILED)) {
                for (int chunk = first; chunk <= last; chunk++) {
                    mirror.resync().spoil(leg, chunk);
                }
            }
        }
        mirror.chunks().end(first, last);
    }
}
