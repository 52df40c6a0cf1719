package io.dmio.mirror;

import java.util.Arrays;
import java.util.stream.Stream;

/** Hashes of the states that were seen, in 16 bytes each: there are tens of millions of them. Safe from any thread. */
final class SmallSeen {

    private static final int PARTS = 64;

    private final Part[] parts;

    /**
     * None.
     *
     * @param most how many to remember, about: then it begins anew
     */
    SmallSeen(long most) {
        parts = Stream.generate(() -> new Part(most / PARTS)).limit(PARTS).toArray(Part[]::new);
    }

    /** Tells whether it is new. */
    boolean add(long hash) {
        return parts[(int) (hash >>> 58)].add(hash);
    }

    long size() {
        return Stream.of(parts).mapToLong(Part::size).sum();
    }

    /** Those that begin alike; 0 is an empty place. */
    private static final class Part {
        private final long most;
        private long[] places = new long[64];
        private int size;

        Part(long most) {
            this.most = most;
        }

        synchronized long size() {
            return size;
        }

        synchronized boolean add(long hash) {
            if (size >= most) {
                Arrays.fill(places, 0);
                size = 0;
            }
            if (2 * size >= places.length) {
                long[] before = places;
                places = new long[2 * before.length];
                for (long old : before) {
                    if (old != 0) {
                        places[place(old)] = old;
                    }
                }
            }
            long it = hash == 0 ? 1 : hash;
            int at = place(it);
            boolean fresh = places[at] == 0;
            places[at] = it;
            size += fresh ? 1 : 0;
            return fresh;
        }

        // Where it is, or is to be.
        private int place(long hash) {
            int at = (int) hash & (places.length - 1);
            while (places[at] != 0 && places[at] != hash) {
                at = at + 1 & (places.length - 1);
            }
            return at;
        }
    }
}
