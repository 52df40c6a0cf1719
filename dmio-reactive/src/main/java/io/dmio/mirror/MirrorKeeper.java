package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.Capability;
import io.dmio.DeviceCall;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.Sectors;
import io.dmio.concurrent.Completion;
import io.dmio.mirror.MirrorEvent.Kind;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.SizeText;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What operators do with a mirror: start, stop, add, remove, replace, split, resync, scrub, look. */
final class MirrorKeeper {

    private final Mirror mirror;
    private final MirrorRuntime runtime;
    private final Mono<Void> closing;
    private @Nullable Scrub scrub; // in the mailbox
    private @Nullable ScrubReport lastScrub;
    private boolean givenUp;

    MirrorKeeper(Mirror mirror) {
        this.mirror = mirror;
        this.runtime = mirror.runtime();
        Mono<Void> inGoodOrder = runtime.gate().close().then(runtime.inMailbox(sink -> {
            if (scrub != null) {
                scrub.stop();
            }
            new Shutdown(mirror, () -> scrub != null, sink).start();
        }));
        this.closing = Completion.once(Mono.firstWithSignal(runtime.answers().whenBroken(), inGoodOrder)
                .onErrorResume(failed -> runtime.answers().isBroken(), failed -> Shutdown.closeAll(mirror))
                .doOnTerminate(runtime.events()::complete));
    }

    /** Returns what the legs can do together. */
    static DeviceInfo info(Mirror mirror) {
        List<DeviceInfo> legs =
                mirror.roster().present().stream().map(leg -> leg.device.info()).toList();
        int block = mirror.runtime().blockBytes();
        int physical = Math.max(block, most(legs, DeviceInfo::physicalBlockBytes));
        Set<Capability> can = EnumSet.of(
                Capability.FLUSH,
                Capability.FUA,
                Capability.DISCARD,
                Capability.DISCARD_ZEROES,
                Capability.WRITE_ZEROES);
        return DeviceInfo.of(mirror.runtime().name(), mirror.runtime().sectorCount(), "mirror")
                .withBlocks(block, physical)
                .withTransferBytesMax(
                        Math.toIntExact(Sectors.toBytes(mirror.runtime().transferSectors())))
                .withCapabilities(can);
    }

    /** As {@link #start}; if a leg that cannot be spared hangs, errors with ETIMEDOUT and the names of those that hang. */
    Mono<Void> startInTime() {
        Duration time = Beginning.timeMax(mirror);
        Mono<Void> hangs = runtime.inMailbox(sink -> {
            List<String> names = mirror.roster().present().stream()
                    .filter(leg -> leg.inFlight() > 0)
                    .map(Leg::name)
                    .toList();
            sink.error(DeviceException.of(
                    Errno.ETIMEDOUT,
                    names.isEmpty() ? runtime.name() : String.join(", ", names),
                    "no answer in " + time.toSeconds() + " s: the mirror cannot be started without it"));
        });
        return start().timeout(time, hangs, runtime.clock());
    }

    /** Makes the beginning durable, and begins. */
    private Mono<Void> start() {
        return runtime.inMailbox(sink -> {
            mirror.owner().begin();
            new Beginning(mirror, () -> givenUp).makeDurable(problem -> {
                if (problem == null && !givenUp) {
                    begun();
                }
                Caller.into(sink).accept(problem);
            });
        });
    }

    /** Ends a mirror that could not begin; it does not begin any more, even when a leg that hung answers. */
    Mono<Void> abandon() {
        return runtime.inMailbox(sink -> {
            givenUp = true;
            Shutdown.giveUp(mirror, () -> {
                mirror.dispose();
                mirror.abandon();
                sink.success();
            });
        });
    }

    Mono<Void> close() {
        return closing;
    }

    Mono<MirrorStatus> status() {
        return runtime.inMailbox(sink -> sink.success(Snapshot.of(mirror, scrub, lastScrub)));
    }

    Mono<List<ChunkRun>> chunks(long sector, long sectorCount) {
        if (sectorCount < 1 || sector < 0 || sector > runtime.sectorCount() - sectorCount) {
            throw new IllegalArgumentException("[" + sector + ", +" + sectorCount + ") is not inside the mirror");
        }
        return runtime.inMailbox(sink -> {
            int out = mirror.roster().outMask();
            sink.success(new ChunkRuns(
                            mirror.planes(),
                            runtime.chunkSectors(),
                            out,
                            mirror.resync().copied())
                    .of(sector, sectorCount));
        });
    }

    void pause() {
        runtime.tell(mirror.throttle()::pause);
    }

    void resume() {
        runtime.tell(mirror.throttle()::resume);
    }

    Flux<MirrorEvent> events(long after) {
        return runtime.events().flux(after);
    }

    void limit(long bytesPerSecondMax) {
        if (bytesPerSecondMax < 1) {
            throw new IllegalArgumentException(
                    "bytesPerSecondMax " + bytesPerSecondMax + " is not at least 1: pause instead");
        }
        runtime.tell(() -> mirror.throttle().limit(bytesPerSecondMax));
    }

    /** Returns a leg that has everything; empty if there is none for now. */
    private Mono<BlockDevice> complete() {
        return runtime.whileOpen(sink -> {
            int mask = mirror.roster().completeMask();
            mirror.roster().present().stream()
                    .filter(leg -> (mask & leg.bit()) != 0)
                    .findFirst()
                    .ifPresentOrElse(leg -> sink.success(leg.device), sink::success);
        });
    }

    /** Returns the extents as a leg that has everything knows them; empty if none does, or does not tell in time: then all may be data. */
    Mono<List<Extent>> extents(long sector, long sectorCount) {
        return complete()
                .flatMap(leg -> DeviceCall.extents(leg, sector, sectorCount)
                        .timeout(Duration.ofNanos(runtime.options().legDeadlineNanos()), runtime.clock())
                        .onErrorComplete());
    }

    Mono<Void> resync() {
        return runtime.whileOpen(caller -> {
            mirror.rejoin().now();
            mirror.resync()
                    .when(
                            mirror.resync()::isOver,
                            caller,
                            closed -> Caller.into(caller)
                                    .accept(
                                            closed != null
                                                    ? closed
                                                    : mirror.resync().refusal()));
        });
    }

    Mono<ScrubReport> scrub(ScrubMode mode) {
        Objects.requireNonNull(mode, "mode");
        return runtime.whileOpen(sink -> {
            if (scrub != null) {
                sink.error(DeviceException.of(Errno.EBUSY, runtime.name(), "a scrub runs already"));
                return;
            }
            Scrub begun = new Scrub(mirror.scrubs(), mode, report -> {
                scrub = null;
                lastScrub = report;
                mirror.owner().answer(null, lost -> {
                    if (lost == null) {
                        sink.success(report);
                    } else {
                        sink.error(lost);
                    }
                });
            });
            scrub = begun;
            sink.onCancel(() -> runtime.tell(begun::stop));
            begun.start();
        });
    }

    private void begun() {
        int legs = Integer.bitCount(mirror.roster().inMask());
        runtime.happened(Kind.STARTED, LegLayout.NO_LEG, "started with " + (legs == 1 ? "1 leg" : legs + " legs"));
        if (runtime.hasGrown()) {
            runtime.happened(Kind.GROWN, LegLayout.NO_LEG, "has " + SizeText.of(runtime.sectorCount()) + " now");
        }
        mirror.roster().begin();
        mirror.rejoin().now();
        mirror.resync().look();
    }

    private static int most(List<DeviceInfo> legs, ToIntFunction<DeviceInfo> number) {
        return legs.stream().mapToInt(number).max().orElseThrow();
    }
}
