package io.dmio.mirror;

import io.dmio.Sectors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import reactor.core.scheduler.Scheduler;

/**
 * What a small mirror is made of, and what it has to bear.
 *
 * @param legs how many
 * @param chunks how many
 * @param legsMin as of the mirror
 * @param writeMostly a mask of the legs that are
 * @param isBehind whether these may lag behind
 * @param isDegraded whether an operator starts it without legs that may have gone on
 * @param isTorn whether the power tears what is being written: some sectors of it are old, or one unit cannot be read any more
 * @param isFailing whether legs fail in the middle of events, too
 * @param broken rules to switch off
 */
record SmallSetup(
        int legs,
        int chunks,
        int legsMin,
        int writeMostly,
        boolean isBehind,
        boolean isDegraded,
        boolean isTorn,
        boolean isFailing,
        Set<Rule> broken) {

    static SmallSetup of(int legs, int chunks, Set<Rule> broken) {
        return new SmallSetup(legs, chunks, 1, 0, false, false, false, false, broken);
    }

    /** {@code legsMin=2 mostly=MASK behind=MASK degraded torn failing RULE ...}, any of them. */
    static SmallSetup of(int legs, int chunks, List<String> words) {
        List<String> left = new ArrayList<>(words);
        boolean degraded = left.remove("degraded");
        boolean torn = left.remove("torn");
        boolean failing = left.remove("failing");
        int legsMin = number(left, "legsMin=", 1);
        int behind = number(left, "behind=", 0);
        int mostly = number(left, "mostly=", 0) | behind;
        Set<Rule> broken = EnumSet.noneOf(Rule.class);
        left.forEach(rule -> broken.add(Rule.valueOf(rule)));
        return new SmallSetup(legs, chunks, legsMin, mostly, behind != 0, degraded, torn, failing, broken);
    }

    MirrorOptions.Builder options(Scheduler clock) {
        return MirrorOptions.builder()
                .legDeadline(Duration.ofMillis(60))
                .cleanAfter(Duration.ofMillis(20))
                .probeAfter(Duration.ofMillis(10), Duration.ofMillis(300))
                .legsMin(legsMin)
                .writeMostly(IntStream.range(0, legs)
                        .filter(i -> (writeMostly >> i & 1) != 0)
                        .toArray())
                .writeBehindSectors(isBehind ? SmallWorld.CHUNK : 0)
                .clock(() -> clock)
                .settings(small -> {
                    small.chunkBytes = SmallWorld.CHUNK * Sectors.BYTES;
                    small.aroundBytes = 0;
                    small.ownerMarks = false;
                    small.broken = broken;
                });
    }

    private static int number(List<String> words, String name, int none) {
        String found =
                words.stream().filter(word -> word.startsWith(name)).findFirst().orElse("");
        words.remove(found);
        return found.isEmpty() ? none : Integer.parseInt(found.substring(name.length()));
    }
}
