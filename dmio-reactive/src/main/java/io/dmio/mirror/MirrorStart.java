package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Handover;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.core.publisher.Sinks;

/** Starts a mirror of legs that were put together, and hands it over to the caller. */
final class MirrorStart {

    private MirrorStart() {}

    /** Puts together what is on legs, or is to be on them, once nobody else has them. */
    interface Putting {
        Mono<Assembly> assembly(List<BlockDevice> devices, Claim claim);
    }

    /**
     * Starts a mirror. A start that is cancelled is refused if it has not got the legs yet. Otherwise it goes on to its end, as what is half on
     * record is no state to leave legs in, and then the mirror is closed. In either case its legs are closed, as nobody is told whose they are.
     */
    static Mono<MirrorDevice> of(
            List<? extends BlockDevice> legs,
            MirrorSettings settings,
            Putting putting,
            Function<Mirror, MirrorDevice> device) {
        return Mono.defer(() -> {
            List<BlockDevice> devices = LegDisk.usable(LegDisk.counted(legs));
            AtomicBoolean unwanted = new AtomicBoolean();
            Sinks.Empty<Void> cancel = Sinks.empty();
            Mono<Void> stop = Mono.firstWithSignal(settings.ownerStop, cancel.asMono());
            Mono<MirrorDevice> started = claimed(
                            new Claim(devices, settings, stop),
                            claim -> putting.assembly(devices, claim)
                                    .map(ready -> device.apply(mirror(settings, ready, claim))))
                    .flatMap(MirrorStart::running)
                    .doOnError(refusal -> closeIf(unwanted.get(), devices))
                    .contextWrite(LegCall.within(settings, settings.clock()));
            return Handover.whole(started, MirrorStart::giveBack).doFinally(how -> {
                unwanted.set(how == SignalType.CANCEL);
                cancel.tryEmitEmpty();
            });
        });
    }

    private static void closeIf(boolean unwanted, List<BlockDevice> devices) {
        if (unwanted) {
            BlockDevice.closeAll(devices).subscribe(never -> {}, failed -> {});
        }
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
