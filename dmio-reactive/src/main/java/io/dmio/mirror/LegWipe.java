package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Superblock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import reactor.core.publisher.Mono;

/**
 * Removes a leg's superblocks, durably; what the leg holds stays as a plain image. They go in the order of {@link
 * Superblock#firstToGo}, so that after a crash between the two the leg is what it was, or no leg.
 */
final class LegWipe {

    private final BlockDevice device;
    private final Guard guard;

    /** Says before each write whether the device may be written to. */
    interface Guard {
        /**
         * Completes when the device may be written to; an error ends the wipe.
         *
         * @param unchanged looks whether the slots hold what they held
         */
        Mono<Void> before(Mono<Boolean> unchanged);
    }

    LegWipe(BlockDevice device, Guard guard) {
        this.device = device;
        this.guard = guard;
    }

    /**
     * Wipes the leg; emits true when that is done.
     *
     * @param which told what is in both slots: whether this is the leg to be wiped; if not, the Mono is empty
     */
    Mono<Boolean> run(Predicate<List<byte[]>> which) {
        return slots().filter(which).flatMap(slots -> {
            int first = Superblock.firstToGo(slots);
            List<byte[]> left = new ArrayList<>(slots);
            left.set(first, new byte[LegLayout.SLOT_BYTES]);
            return wipe(first, slots).then(wipe(1 - first, left)).thenReturn(true);
        });
    }

    private Mono<Void> wipe(int slot, List<byte[]> before) {
        Mono<Boolean> unchanged = slots().map(now -> Arrays.deepEquals(now.toArray(), before.toArray()));
        long sector = LegLayout.slotSector(device.info().sectorCount(), slot);
        Mono<Void> zeroed = LegMemory.with(
                LegLayout.SLOT_BYTES,
                zeroes -> LegCall.of(device, new BlockOp.Write(sector, zeroes.setZero(0, zeroes.capacity()), false)));
        return guard.before(unchanged).then(zeroed).then(LegDisk.flush(device));
    }

    // What cannot be read may be wiped, too, as the last one.
    private Mono<List<byte[]>> slots() {
        return LegDisk.slots(device)
                .onErrorReturn(List.of(new byte[LegLayout.SLOT_BYTES], new byte[LegLayout.SLOT_BYTES]));
    }
}
