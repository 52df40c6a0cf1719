package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.OneLine;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Looks for legs that were named when a mirror started, and were not there: while the mirror runs, they join when they come. A device that
 * comes has to say that it is a leg that the mirror misses; nothing else is ever added.
 */
final class Arrivals implements AutoCloseable {

    private static final Duration LOOK = Duration.ofSeconds(1);

    private final CommandContext context;
    private final LocalSteering mirror;
    private final Function<String, BlockDevice> opener;
    private final Map<String, String> absent; // with the reason that was told last
    private final Scheduler thread =
            Schedulers.newBoundedElastic(1, Integer.MAX_VALUE, "dmio-arrivals"); // opening blocks
    private final Disposable looking;

    /**
     * @param absent the legs, and why each is not there
     * @param opener opens a leg
     */
    Arrivals(
            CommandContext context,
            LocalSteering mirror,
            Map<String, String> absent,
            Function<String, BlockDevice> opener) {
        this.context = context;
        this.mirror = mirror;
        this.opener = opener;
        this.absent = new ConcurrentSkipListMap<>(absent);
        this.looking = Flux.interval(LOOK, thread)
                .onBackpressureDrop()
                .takeUntil(tick -> this.absent.isEmpty())
                .subscribe(tick -> look(), broken -> {}); // the mirror has told it
    }

    /** Returns the legs that are not there yet, and why. */
    Map<String, String> absent() {
        return Map.copyOf(absent);
    }

    @Override
    public void close() {
        looking.dispose();
        thread.dispose();
    }

    // A missing leg may have been removed or replaced since: then it is not looked for any more.
    private void look() {
        MirrorStatus now = Objects.requireNonNull(mirror.status().block());
        if (now.legs().stream().noneMatch(leg -> leg.state() == LegState.MISSING)) {
            absent.clear();
        }
        List.copyOf(absent.keySet()).forEach(this::look);
    }

    private void look(String leg) {
        try {
            if (FileId.of(leg).kind() != FileId.Kind.MISSING) {
                arrived(leg, opener.apply(leg));
            }
        } catch (DeviceException | IllegalArgumentException notYet) {
            tell(leg, String.valueOf(notYet.getMessage()));
        }
    }

    private void arrived(String leg, BlockDevice device) {
        try {
            MirrorStatus says =
                    Objects.requireNonNull(MirrorStatus.inspect(List.of(device)).block());
            MirrorStatus now = Objects.requireNonNull(mirror.status().block());
            if (!says.id().equals(now.id())) {
                throw new IllegalArgumentException("is a leg of another mirror, " + says.id());
            }
            if (!isMissed(now, says)) {
                throw new IllegalArgumentException("is no leg that this mirror misses");
            }
            mirror.join(device).block();
            absent.remove(leg);
        } catch (RuntimeException refused) {
            MirrorLegs.close(device);
            throw refused;
        }
    }

    /** Returns whether the mirror misses the leg that says this about itself. */
    private static boolean isMissed(MirrorStatus now, MirrorStatus says) {
        return says.legs().stream()
                .filter(leg -> leg.state() != LegState.MISSING)
                .map(LegStatus::id)
                .anyMatch(id ->
                        now.legs().stream().anyMatch(leg -> leg.id().equals(id) && leg.state() == LegState.MISSING));
    }

    private void tell(String leg, String why) {
        if (!why.equals(absent.put(leg, why))) {
            context.console().err().println(OneLine.of("dmio: " + leg + ": does not join: " + why));
        }
    }
}
