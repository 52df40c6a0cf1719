package io.dmio.mirror;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All histories of a small mirror up to a length, with the power going before any operation of a disk, but for those that lead
 * where another one has been ({@link SmallState}). Each is played from the beginning on a mirror as it is.
 */
final class SmallScope {

    private static final int CUTS_MAX = 40; // within one event

    private final int legs;
    private final int chunks;
    private final int most;
    private final Set<Rule> broken;
    private final Set<Long> seen = new HashSet<>();
    private long histories;
    private boolean wasDirty; // when the power went in the last one
    private @Nullable String failure;

    /**
     * @param scope legs, chunks, and events of a history, at most
     * @param broken rules to switch off
     */
    SmallScope(int[] scope, Set<Rule> broken) {
        this.legs = scope[0];
        this.chunks = scope[1];
        this.most = scope[2];
        this.broken = broken;
    }

    /** Plays all, until one fails or so many states were seen. */
    void run(long statesMax) {
        List<List<SmallEvent>> front = List.of(List.of());
        for (int length = 0; length < most && failure == null; length++) {
            List<List<SmallEvent>> next = new ArrayList<>();
            for (List<SmallEvent> history : front) {
                if (failure == null && seen.size() < statesMax) {
                    extend(history, next);
                }
            }
            front = next;
        }
    }

    long states() {
        return seen.size();
    }

    long histories() {
        return histories;
    }

    /** The history that failed, and why. */
    @Nullable
    String failure() {
        return failure;
    }

    private void extend(List<SmallEvent> history, List<List<SmallEvent>> next) {
        for (SmallEvent event : possible(history)) {
            int operations = play(history, event, next);
            for (int cut = 1; cut <= Math.min(operations, CUTS_MAX) && failure == null; cut++) {
                play(history, event.cutBefore(cut, false), next);
                if (wasDirty) { // else there was nothing to keep
                    play(history, event.cutBefore(cut, true), next);
                }
            }
        }
    }

    private List<SmallEvent> possible(List<SmallEvent> history) {
        try (SmallWorld world = new SmallWorld(legs, chunks, broken)) {
            history.forEach(world::happens);
            return SmallEvent.all(legs, chunks).stream().filter(world::can).toList();
        }
    }

    /** Plays one more event; tells how many operations of disks it had. */
    private int play(List<SmallEvent> history, SmallEvent event, List<List<SmallEvent>> next) {
        List<SmallEvent> longer = new ArrayList<>(history);
        longer.add(event);
        try (SmallWorld world = new SmallWorld(legs, chunks, broken)) {
            history.forEach(world::happens);
            histories++;
            world.happens(event);
            int operations = world.operations;
            wasDirty = world.wasDirty;
            if (seen.add(hash(SmallState.of(world)))) {
                next.add(longer);
                world.settle();
            }
            return operations;
        } catch (AssertionError | RuntimeException broke) {
            failure = longer + ": " + broke;
            return 0;
        }
    }

    private static long hash(String words) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < words.length(); i++) {
            hash = (hash ^ words.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    /** {@code legs chunks events [states] [rules to break]}. */
    public static void main(String[] args) {
        Set<Rule> broken = EnumSet.noneOf(Rule.class);
        List.of(args).subList(Math.min(args.length, 4), args.length).forEach(rule -> broken.add(Rule.valueOf(rule)));
        int[] scope = {Integer.parseInt(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2])};
        long start = System.nanoTime();
        SmallScope all = new SmallScope(scope, broken);
        all.run(args.length > 3 ? Long.parseLong(args[3]) : Long.MAX_VALUE);
        System.out.printf(
                "%d legs, %d chunks, up to %d events: %,d distinct states of %,d histories, %s, %.1f s%n",
                scope[0],
                scope[1],
                scope[2],
                all.states(),
                all.histories(),
                all.failure() == null ? "none failed" : "failed: " + all.failure(),
                (System.nanoTime() - start) / 1e9);
    }
}
