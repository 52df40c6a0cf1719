package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.ProgressPrinter;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.MirrorStatus;
import io.dmio.mirror.ScrubMode;
import io.dmio.mirror.ScrubReport;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/**
 * A mirror that a command has opened: waits for what goes on in it, with a bar, and closes it in good order. Blocks; for a
 * command's main thread.
 */
public final class MirrorRun implements AutoCloseable {

    private static final LocalSteering.Newcomers NO_NEWCOMERS = (leg, present, bytes, force) -> {
        throw new IllegalStateException(leg + ": no legs are added here");
    };

    private final CommandContext context;
    private final Steering steering;
    private final MirrorWaiting waiting;
    private Map<String, String> absent = Map.of();

    private MirrorRun(CommandContext context, Steering steering, MirrorWaiting.Bars bars) {
        this.context = context;
        this.steering = steering;
        this.waiting = new MirrorWaiting(context, steering, bars);
    }

    /**
     * Starts a mirror.
     *
     * @param context the context of the command
     * @param legs the opened legs, closed here if the mirror does not start
     * @param start creates, opens or grows the mirror
     * @param bars draws the progress
     */
    public static MirrorRun start(
            CommandContext context,
            List<BlockDevice> legs,
            Function<List<BlockDevice>, Mono<MirrorDevice>> start,
            MirrorWaiting.Bars bars) {
        return new MirrorRun(context, new LocalSteering(MirrorStarting.started(legs, start), legs, NO_NEWCOMERS), bars);
    }

    /** Starts a mirror on the legs that a command was given. */
    static MirrorRun start(
            CommandContext context, MirrorLegs legs, Function<List<BlockDevice>, Mono<MirrorDevice>> start) {
        return start(context, legs, opened -> start.apply(opened.devices()), legs.open(context));
    }

    /** Starts a mirror on legs that may not all be there. */
    static MirrorRun start(
            CommandContext context,
            MirrorLegs legs,
            Function<MirrorLegs.Opened, Mono<MirrorDevice>> start,
            MirrorLegs.Opened opened) {
        try {
            MirrorDevice mirror = MirrorStarting.started(opened.devices(), devices -> start.apply(opened));
            LocalSteering steering = new LocalSteering(mirror, opened.devices(), legs.newcomers(context));
            MirrorRun run = new MirrorRun(context, steering, bars(context, legs.json()));
            run.absent = opened.absent();
            return run;
        } catch (IllegalArgumentException refused) {
            if (opened.absent().isEmpty()) {
                throw refused;
            }
            throw new IllegalArgumentException(
                    refused.getMessage() + " (" + MirrorLegs.Opened.words(opened.absent()) + ")", refused);
        }
    }

    /** Asks the server that has a mirror. */
    static MirrorRun ask(CommandContext context, RemoteSteering server, boolean json) {
        return new MirrorRun(context, server, bars(context, json));
    }

    /** Opens a mirror that is there already. */
    static MirrorRun open(CommandContext context, MirrorLegs legs, MirrorOptions options) {
        return start(context, legs, devices -> MirrorDevice.open(devices, options));
    }

    /** Returns bars on standard error if a person watches, and not only JSON is wanted. */
    static MirrorWaiting.Bars bars(CommandContext context, boolean json) {
        return (done, total) -> ProgressPrinter.ifWatched(context, json, done, total);
    }

    /** Returns the mirror, which was opened here. */
    public MirrorDevice mirror() {
        return local().mirror();
    }

    /** Returns the steering of what was opened here, in this process. */
    LocalSteering local() {
        if (steering instanceof LocalSteering local) {
            return local;
        }
        throw new IllegalStateException("a server has the mirror");
    }

    /** Returns whether a server has the mirror, and goes on when this is closed. */
    boolean isAsked() {
        return steering instanceof RemoteSteering;
    }

    /** Returns the legs that were given and are not there, and why. */
    Map<String, String> absent() {
        return absent;
    }

    /** Returns the devices that were opened for the mirror. */
    public List<BlockDevice> legs() {
        return local().devices();
    }

    /** Adds a leg, which is on record when this returns. */
    void add(String leg, boolean force) {
        waiting.until(steering.add(leg, force));
    }

    /**
     * Puts a leg in the place of another one, which goes once the new leg has everything.
     *
     * @param old the index of the old leg
     * @param leg the leg that comes
     * @param text told there
     */
    void replace(int old, Replacement leg, MirrorText text) {
        String name = name(old);
        int leaving = Place.isSame(leg.device, name) ? -1 : old; // else the leg that is there by then is waited for
        if (waiting.replaced(steering.replace(old, leg.device, leg.force).thenReturn(true), leaving) && !leg.detach) {
            text.say("leg " + old + " (" + name + ") is out, and no part of the mirror any more");
        }
    }

    /** A leg that comes: its path, whether what it holds may be overwritten, and whether the work is only started. */
    record Replacement(String device, boolean force, boolean detach) {}

    /** Makes a leg an image of its own. */
    void split(int leg) {
        waiting.until(steering.split(leg));
    }

    /**
     * Takes a leg out for good.
     *
     * @param leg its index
     * @param text told there
     */
    void remove(int leg, MirrorText text) {
        String name = name(leg);
        waiting.until(steering.remove(leg));
        text.say("leg " + leg + " (" + name + ") is out, and no part of the mirror any more");
    }

    private String name(int leg) {
        return status().legs().stream()
                .filter(one -> one.index() == leg)
                .map(LegStatus::name)
                .findFirst()
                .orElseThrow();
    }

    /** Returns the current status. */
    public MirrorStatus status() {
        return Objects.requireNonNull(steering.status().block(), "a mirror has a status");
    }

    /**
     * Waits until all legs that are there have everything, or it is clear that they never will, or somebody asks to stop.
     *
     * @return whether they have
     */
    public boolean resync() {
        waiting.resynced(
                steering.resync().thenReturn(true).onErrorReturn(DeviceException.class, false)); // as status says
        return status().legs().stream()
                .allMatch(leg -> leg.state() == LegState.IN_SYNC || leg.state() == LegState.MISSING);
    }

    /** Starts a resync in the server. */
    void begin() {
        waiting.until(steering.resync());
    }

    /** Starts a scrub in the server. */
    void beginScrub(ScrubMode mode) {
        waiting.until(steering.scrub(mode));
    }

    /**
     * Does the end of most commands: copies to the legs what they lack, if that is wanted, and tells how they are.
     *
     * @param text told there
     * @param wait whether to wait until they are in sync, as far as they can be
     * @return the exit code
     */
    int end(MirrorText text, boolean wait) {
        text.faults().absent(absent);
        boolean synced = !wait || resync();
        MirrorStatus status = status();
        if (context.shutdown().requested() && !synced) {
            return isAsked() ? text.left() : text.stopped(status);
        }
        return text.end(status, true);
    }

    /**
     * Finds a leg's index.
     *
     * @param leg a path, an index, or the name under which it was seen last
     * @param option the option that named it, for the refusal
     */
    int leg(String leg, String option) {
        List<LegStatus> legs = status().legs();
        List<LegStatus> numbered = legs.stream()
                .filter(one -> String.valueOf(one.index()).equals(leg))
                .toList();
        List<LegStatus> named = legs.stream()
                .filter(one -> one.name().equals(leg) || Place.isSame(leg, one.name()))
                .toList();
        List<LegStatus> fits =
                Stream.concat(numbered.stream(), named.stream()).distinct().toList();
        if (fits.size() == 1) {
            return fits.get(0).index();
        }
        if (fits.isEmpty()) {
            throw new IllegalArgumentException(option + " " + leg + ": the mirror has no such leg; dmio mirror status"
                    + " shows them, and a leg may be named by its number");
        }
        if (numbered.isEmpty()) { // a lost leg, and the one that came to its place
            throw new IllegalArgumentException(option + " " + leg + ": legs "
                    + named.stream().map(one -> String.valueOf(one.index())).collect(Collectors.joining(" and "))
                    + " have that name: name one by its number");
        }
        throw new IllegalArgumentException(option + " " + leg + ": is the number of leg " + words(numbered)
                + " and the name of leg " + words(named) + ": name the one that is meant by its path, as in ./" + leg);
    }

    private static String words(List<LegStatus> legs) {
        return legs.stream().map(one -> one.index() + " (" + one.name() + ")").collect(Collectors.joining(", "));
    }

    /**
     * Compares the legs.
     *
     * @return what was found, which is not complete if somebody asked to stop; empty if a server goes on with it
     */
    public Optional<ScrubReport> scrub(ScrubMode mode) {
        Optional<ScrubReport> whole = waiting.scrubbed(steering.scrub(mode));
        if (whole.isPresent() || isAsked()) {
            return whole;
        }
        Mono<ScrubReport> partial = Mono.defer(steering::status)
                .flatMap(status -> Mono.justOrEmpty(status.scrub().isPresent() ? Optional.empty() : status.lastScrub()))
                .repeatWhenEmpty(again -> again.delayElements(MirrorWaiting.LOOK));
        return partial.blockOptional();
    }

    /** Closes the mirror: stops background work, flushes, and records that everything is clean. Closes legs that went out as well. */
    @Override
    public void close() {
        steering.close().block();
    }
}
