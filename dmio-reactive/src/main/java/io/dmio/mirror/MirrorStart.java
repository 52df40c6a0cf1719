package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.Handover;
import java.util.List;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** From legs that were put together to a mirror that runs, and is handed over to whoever asked for it. */
final class MirrorStart {

    private MirrorStart() {}

    /** Puts together what is on legs, or is to be on them, once nobody else has them. */
    interface Putting {
        Mono<Assembly> assembly(List<BlockDevice> devices, Claim claim);
    }

    /**
     * Starts a mirror. A start goes on to its end when it is cancelled, as what is half on record is no state to leave
     * legs in; the mirror is closed then, and with it its legs.
     */
    static Mono<MirrorDevice> of(
            List<? extends BlockDevice> legs,
            MirrorSettings settings,
            Putting putting,
            Function<Mirror, MirrorDevice> device) {
        Mono<MirrorDevice> started = Mono.defer(() -> {
            List<BlockDevice> devices = LegDisk.usable(LegDisk.counted(legs));
            Claim claim = new Claim(devices, settings);
            return claim.look()
                    .then(Mono.defer(() -> putting.assembly(devices, claim)))
                    .flatMap(ready -> settings.isTrusting() && settings.keeps(Rule.RECORD_TRUST_FIRST)
                            ? claim.lookAgain().thenReturn(ready)
                            : Mono.just(ready))
                    // One that hangs may still do what it was asked for, so the mark does not say that its owner has
                    // gone.
                    .onErrorResume(
                            refusal -> (owes(refusal) ? Mono.empty() : claim.release()).then(Mono.error(refusal)))
                    .flatMap(ready -> running(device.apply(new Mirror(settings, ready, claim))));
        });
        return Handover.whole(
                started.contextWrite(LegCall.within(settings.legDeadline, settings.clock())), MirrorStart::giveBack);
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
