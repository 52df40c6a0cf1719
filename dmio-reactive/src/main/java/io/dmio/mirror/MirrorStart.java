package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Handover;
import java.util.List;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** Starts a mirror of legs that were put together, and hands it over to the caller. */
final class MirrorStart {

    private MirrorStart() {}

    /** Puts together what is on legs, or is to be on them, once nobody else has them. */
    interface Putting {
        Mono<Assembly> assembly(List<BlockDevice> devices, Claim claim);
    }

    /**
     * Starts a mirror. A start that is cancelled goes on to its end, as what is half on record is no state to leave
     * legs in; then the mirror is closed, and its legs with it.
     */
    static Mono<MirrorDevice> of(
            List<? extends BlockDevice> legs,
            MirrorSettings settings,
            Putting putting,
            Function<Mirror, MirrorDevice> device) {
        Mono<MirrorDevice> started = Mono.defer(() -> {
            List<BlockDevice> devices = LegDisk.usable(LegDisk.counted(legs));
            return claimed(
                            new Claim(devices, settings),
                            claim -> putting.assembly(devices, claim)
                                    .map(ready -> device.apply(mirror(settings, ready, claim))))
                    .flatMap(MirrorStart::running);
        });
        return Handover.whole(started.contextWrite(LegCall.within(settings, settings.clock())), MirrorStart::giveBack);
    }

    private static Mono<MirrorDevice> claimed(Claim claim, Function<Claim, Mono<MirrorDevice>> start) {
        return claim.look()
                .then(Mono.defer(() -> start.apply(claim)))
                // A leg that hangs may still do what it was asked for, so the mark does not say its owner has gone.
                .onErrorResume(refusal -> (owes(refusal) ? Mono.<Void>empty() : claim.release())
                        .then(Mono.defer(() -> claim.mayTryAgain()
                                ? claim.again().flatMap(next -> claimed(next, start))
                                : Mono.error(refusal))));
    }

    private static Mirror mirror(MirrorSettings settings, Assembly ready, Claim claim) {
        try {
            return new Mirror(settings, ready, claim);
        } catch (OutOfMemoryError noMemory) { // Reactor would throw it at whoever brings the news, and tell nobody
            throw DeviceException.of(
                    Errno.ENOMEM, "mirror", "no memory for what it keeps in mind: " + noMemory.getMessage());
        }
    }

    private static boolean owes(Throwable refusal) {
        return refusal instanceof DeviceException && !LegCall.hasAnswered(refusal);
    }

    private static Mono<MirrorDevice> running(MirrorDevice made) {
        return made.start().thenReturn(made);
    }

    private static void giveBack(MirrorDevice unwanted) {
        if (!unwanted.isUsed()) {
            unwanted.close().subscribe(never -> {}, failed -> {});
        }
    }
}
