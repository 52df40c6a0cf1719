package io.dmio.nbd.server;

import io.dmio.Sectors;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.RequestHeader;
import java.util.ArrayList;
import java.util.List;

/** The status of a range in bytes, as the protocol requires: no gaps, no empty run, no more than fits. */
final class StatusRuns {

    /** The most runs in one answer; a client asks again for the rest. */
    static final int RUNS_MAX = 4096;

    /** The memory that an answer is charged for, with the list that it is made from. */
    static final int BYTES_MAX = 32 * RUNS_MAX;

    private static final long COMPACT_BYTES_MAX = 0xffff_fe00L; // the most whole sectors that 32 bits hold

    private StatusRuns() {}

    /** Returns the room that a request takes: the memory that it needs, or more if its answer may need more. */
    static int roomBytes(RequestHeader request, int memoryBytes) {
        return request.command() == Command.BLOCK_STATUS ? Math.max(BYTES_MAX, memoryBytes) : memoryBytes;
    }

    /** A run of bytes with the same status. */
    record Run(long bytes, int status) {}

    /**
     * Cuts the status of sectors, as a device tells it, to what a client asked for.
     *
     * @param told the status from the first sector on that has a byte of the request
     * @param only whether the client wants the first run only
     * @param compact whether lengths have 32 bits
     */
    static List<Run> of(List<RangeStatus.Part> told, RequestHeader request, boolean only, boolean compact) {
        List<Run> runs = new ArrayList<>();
        long skip = request.offset() % Sectors.BYTES;
        long left = request.length();
        long bytesMax = compact ? COMPACT_BYTES_MAX : Long.MAX_VALUE;
        for (RangeStatus.Part one : told) {
            long whole = Math.min(Sectors.toBytes(one.sectorCount()) - skip, left);
            long bytes = Math.min(whole, bytesMax);
            skip = 0;
            int last = runs.size() - 1;
            if (last >= 0 && runs.get(last).status == one.status() && bytes <= bytesMax - runs.get(last).bytes) {
                runs.set(last, new Run(runs.get(last).bytes + bytes, one.status()));
            } else if (runs.size() == (only ? 1 : RUNS_MAX)) {
                break;
            } else {
                runs.add(new Run(bytes, one.status()));
            }
            left -= bytes;
            if (left == 0 || bytes < whole) {
                break;
            }
        }
        return runs;
    }
}
