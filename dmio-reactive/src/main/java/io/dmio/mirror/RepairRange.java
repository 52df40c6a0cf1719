package io.dmio.mirror;

import io.dmio.DeviceException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A range that is written on some legs, which durably lack its chunks meanwhile ({@link Repairs}). Owned by the mailbox. */
final class RepairRange {

    private final Mirror mirror;
    private final int first;
    private final int last;
    private int legs;

    RepairRange(Mirror mirror, long sector, long count) {
        this.mirror = mirror;
        this.first = mirror.chunks().chunkOf(sector);
        this.last = mirror.chunks().lastChunkOf(sector, count);
    }

    IntStream chunks() {
        return IntStream.rangeClosed(first, last);
    }

    /** Bit i: leg i is written. */
    int legs() {
        return legs;
    }

    /** Tells when it is durable, or with what it could not be made so; in either case it is to be ended. */
    void begin(int legMask, Consumer<@Nullable DeviceException> told) {
        legs = legMask;
        mirror.repairs().begin(this, told);
    }

    /** Nothing is written there any more; legs that failed it lack it. */
    void end(int failedMask) {
        mirror.repairs().end(this, failedMask);
    }
}
