package io.dmio.fuzz;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Decisions drawn from an input: as few bytes as a decision needs, so that a fuzzer which changes a byte changes one decision. An
 * input that is used up gives zeroes for ever, so 0 should be the choice that ends things.
 */
public final class Draw implements RandomGenerator {

    private static final long[] EDGES = {
        0,
        1,
        -1,
        511,
        512,
        513,
        4095,
        4096,
        4097,
        1 << 20,
        Short.MAX_VALUE,
        Integer.MAX_VALUE,
        Integer.MAX_VALUE - 1,
        Integer.MIN_VALUE,
        1L << 31,
        1L << 32,
        Long.MAX_VALUE / 512,
        Long.MAX_VALUE / 512 + 1,
        Long.MAX_VALUE / 1_000_000_000,
        Long.MAX_VALUE - 511,
        Long.MAX_VALUE - 1,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MIN_VALUE + 1
    };

    private final byte[] input;
    private int at;

    public Draw(byte[] input) {
        this.input = input;
    }

    /** Whether every further decision would be 0. */
    public boolean isUsedUp() {
        return at >= input.length;
    }

    /** The next byte, 0 to 255. */
    public int next() {
        return at < input.length ? input[at++] & 0xFF : 0;
    }

    /** 0 to {@code bound - 1}. */
    public int below(int bound) {
        if (bound <= 1) {
            return 0;
        }
        int drawn = bound <= 1 << 8 ? next() : next() << 8 | next();
        return (bound <= 1 << 16 ? drawn : (drawn << 15 ^ next() << 8 ^ next()) & Integer.MAX_VALUE) % bound;
    }

    /** Within {@code [least, most]}. */
    public int between(int least, int most) {
        return least + below(most - least + 1);
    }

    /** True for one of so many. */
    public boolean oneIn(int count) {
        return below(count) == count - 1;
    }

    /** One of several. */
    @SafeVarargs
    public final <T> T of(T... choices) {
        return choices[below(choices.length)];
    }

    /** Any number: a small one, one at an edge of something, or all eight bytes. */
    public long number() {
        return switch (below(4)) {
            case 0 -> next();
            case 1 -> EDGES[below(EDGES.length)];
            case 2 -> EDGES[below(EDGES.length)] + (byte) next();
            default -> nextLong();
        };
    }

    /** Any {@code int}, as {@link #number}. */
    public int count() {
        return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, number()));
    }

    /** Any duration, negative ones and those of ages too. */
    public Duration duration() {
        long amount = number();
        return switch (below(4)) {
            case 0 -> Duration.ofNanos(amount);
            case 1 -> Duration.ofMillis(amount);
            case 2 -> Duration.ofSeconds(amount);
            default -> Duration.ofSeconds(amount, below(1_000_000_000));
        };
    }

    /** What is left, as text. */
    public String rest() {
        String text = new String(input, at, input.length - at, StandardCharsets.UTF_8);
        at = input.length;
        return text;
    }

    @Override
    public int nextInt(int bound) {
        return below(bound);
    }

    @Override
    public boolean nextBoolean() {
        return below(2) == 1;
    }

    @Override
    public long nextLong() {
        long number = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            number = number << 8 | next();
        }
        return number;
    }
}
