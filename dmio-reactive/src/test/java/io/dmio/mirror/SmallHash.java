package io.dmio.mirror;

/** Numbers of 64 bits that stand for what is too long to be kept. */
final class SmallHash {

    static final long EMPTY = 0xcbf29ce484222325L;

    private SmallHash() {}

    /** Of words. */
    static long of(CharSequence words) {
        long hash = EMPTY;
        for (int i = 0; i < words.length(); i++) {
            hash = (hash ^ words.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    /** Of what was mixed before and a number more. */
    static long mixed(long hash, long number) {
        long mixed = (hash ^ number) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ mixed >>> 32) * 0xD6E8FEB86659FD93L;
        return mixed ^ mixed >>> 29;
    }
}
