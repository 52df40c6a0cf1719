package io.dmio.mirror;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.dmio.mirror.SmallEvent.Failure;
import io.dmio.mirror.SmallEvent.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/**
 * All histories of a small mirror up to a length, with the power going before any change of a disk, but for those that lead
 * where another one has been ({@link SmallState}). Each is played on a mirror as it is, from where no mirror ran last.
 */
final class SmallScope {

    private static final long IMAGES_MAX = 10_000_000; // those of long ago are looked at again
    private final SmallSetup setup;
    private final int most;
    private final Set<Kind> kinds = EnumSet.allOf(Kind.class);
    private final SmallSeen seen = new SmallSeen(Long.MAX_VALUE);
    private final SmallSeen images = new SmallSeen(IMAGES_MAX); // that the power left
    private final Set<Kind> failing = EnumSet.allOf(Kind.class); // within these events disks fail, if they do at all
    private List<SmallEvent> given = List.of();
    private final LongAdder histories = new LongAdder();
    private final AtomicReference<@Nullable String> failure = new AtomicReference<>();

    /**
     * @param scope legs, chunks, and events of a history, at most
     * @param broken rules to switch off
     */
    SmallScope(int[] scope, Set<Rule> broken) {
        this(SmallSetup.of(scope[0], scope[1], broken), scope[2]);
    }

    /**
     * @param setup of the mirror
     * @param most events of a history, at most
     */
    SmallScope(SmallSetup setup, int most) {
        this.setup = setup;
        this.most = most;
        if (!setup.isDegraded()) {
            kinds.remove(Kind.DEGRADED);
        }
    }

    /** These have happened before. */
    SmallScope after(SmallEvent... events) {
        given = List.of(events);
        return this;
    }

    /** Nothing else happens. */
    SmallScope only(Kind... happen) {
        kinds.retainAll(Set.of(happen));
        return this;
    }

    /** Disks fail in the middle of no other event. */
    SmallScope failingOnlyIn(Kind... within) {
        failing.retainAll(Set.of(within));
        return this;
    }

    /** Plays all, until one fails or so many states were seen; tells of each length. */
    void run(long statesMax, Runnable longer) {
        List<SmallPast> front = List.of(beginning());
        for (int length = 0; length < most && failure() == null && seen.size() < statesMax; length++) {
            List<SmallPast> next = length + 1 == most ? null : Collections.synchronizedList(new ArrayList<>());
            front.parallelStream().forEach(past -> {
                if (failure() == null && seen.size() < statesMax) {
                    past.possible().stream()
                            .filter(event -> kinds.contains(event.kind()))
                            .forEach(event -> playAll(past, event, next));
                }
            });
            front = next == null ? List.of() : next;
            longer.run();
        }
    }

    long states() {
        return seen.size();
    }

    /** Every way of an event, with power cuts, after each history that was gone on with. */
    long histories() {
        return histories.sum();
    }

    /** The history that failed, and why. */
    @Nullable
    String failure() {
        return failure.get();
    }

    private SmallPast beginning() {
        try (SmallWorld world = new SmallWorld(setup)) {
            given.forEach(world::happens);
            return new SmallPast(null, null, null, given, world.possible());
        }
    }

    /** Plays one more event, and, where that is wanted, with each disk failing from each of its changes on. */
    private void playAll(SmallPast past, SmallEvent event, @Nullable List<SmallPast> next) {
        int[] changes = play(past, event, next);
        for (int disk = 0; disk < changes.length && fails(event); disk++) {
            for (int change = 1; change <= changes[disk]; change++) {
                play(past, event.with(new Failure(disk, change, false)), next);
                play(past, event.with(new Failure(disk, change, true)), next);
            }
        }
    }

    private boolean fails(SmallEvent event) {
        return setup.isFailing() && failing.contains(event.kind());
    }

    /** Plays it whole, and with the power going before each change of a disk in it; how many changes each has made. */
    private int[] play(SmallPast past, SmallEvent event, @Nullable List<SmallPast> next) {
        try (SmallWorld world = again(past)) {
            for (SmallCut cut : world.cuts(event)) {
                playCut(past, event.with(cut), cut.after(), next);
            }
            int[] changes = world.disks.stream()
                    .mapToInt(SmallDisk::changes)
                    .toArray(); // those of a start after it do not count
            look(past, event, world, next);
            return changes;
        } catch (AssertionError | RuntimeException broke) {
            failure.compareAndSet(null, past + ", " + event + ": " + broke);
            return new int[0];
        }
    }

    private void playCut(SmallPast past, SmallEvent event, SmallImage left, @Nullable List<SmallPast> next) {
        if (!images.add(left.hash())) {
            histories.increment();
            return; // it was looked at
        }
        try (SmallWorld world = new SmallWorld(left, setup)) {
            look(past, event, world, next);
        } catch (AssertionError | RuntimeException broke) {
            failure.compareAndSet(null, past + ", " + event + ": " + broke);
        }
    }

    /** If nobody has been here, goes on from here if that is wanted, and sees whether all would come right. */
    private void look(SmallPast past, SmallEvent event, SmallWorld world, @Nullable List<SmallPast> next) {
        histories.increment();
        if (seen.add(SmallHash.of(SmallState.of(world, kinds.contains(Kind.OLDER))))) {
            if (next != null) {
                next.add(past.then(event, world));
            }
            world.settle();
        }
    }

    private SmallWorld again(SmallPast past) {
        SmallImage image = past.image();
        SmallWorld world = image == null ? new SmallWorld(setup) : new SmallWorld(image, setup);
        past.since().forEach(world::happens);
        return world;
    }

    /** {@code legs chunks events [states [words]]}: see {@link SmallSetup}. */
    public static void main(String[] args) {
        List<String> words = List.of(args).subList(Math.min(args.length, 4), args.length);
        SmallSetup setup = SmallSetup.of(Integer.parseInt(args[0]), Integer.parseInt(args[1]), words);
        ((Logger) LoggerFactory.getLogger(MirrorEvent.class)).setLevel(Level.OFF); // millions of legs fail
        long start = System.nanoTime();
        SmallScope all = new SmallScope(setup, Integer.parseInt(args[2]));
        int[] length = new int[1];
        Disposable progress = Flux.interval(Duration.ofMinutes(5))
                .subscribe(tick -> System.out.printf(
                        "%,d distinct states of %,d histories after %d minutes%n",
                        all.states(), all.histories(), (tick + 1) * 5));
        all.run(
                args.length > 3 ? Long.parseLong(args[3]) : Long.MAX_VALUE,
                () -> System.out.printf(
                        "%d legs, %d chunks, %s, up to %d events: %,d distinct states of %,d histories, %s, %.1f s%n",
                        setup.legs(),
                        setup.chunks(),
                        words,
                        ++length[0],
                        all.states(),
                        all.histories(),
                        all.failure() == null ? "none failed" : "failed: " + all.failure(),
                        (System.nanoTime() - start) / 1e9));
        progress.dispose();
    }
}
