package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.Handover;
import java.util.List;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** From legs that were put together to a mirror that runs, and is handed over to whoever asked for it. */
final class MirrorStart {

    private MirrorStart() {}

    /** Refuses, before anything is done, what can be no legs. */
    static List<BlockDevice> checked(List<? extends BlockDevice> legs) {
        return LegDisk.usable(LegDisk.counted(legs));
    }

    /**
     * Starts a mirror. A start goes on to its end when it is cancelled, as what is half on record is no state to leave
     * legs in; the mirror is closed then, and with it its legs.
     */
    static Mono<MirrorDevice> of(
            Mono<Assembly> assembly, MirrorSettings settings, Function<Mirror, MirrorDevice> device) {
        Mono<MirrorDevice> started = assembly.flatMap(ready -> {
            MirrorDevice made = device.apply(new Mirror(settings, ready));
            return made.start().thenReturn(made);
        });
        return Handover.whole(started, MirrorStart::giveBack);
    }

    private static void giveBack(MirrorDevice unwanted) {
        if (!unwanted.isUsed()) {
            unwanted.close().subscribe(never -> {}, failed -> {});
        }
    }
}
