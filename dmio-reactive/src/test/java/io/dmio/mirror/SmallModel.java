package io.dmio.mirror;

import java.util.BitSet;
import java.util.stream.LongStream;

/** What the chunks of a small mirror may hold, by the number of the write that it came from: now, and after a power cut. */
final class SmallModel {

    private static final int CONTENTS_MAX = 63; // 0 is what a chunk holds before its first write

    private final long[] now; // bit n: the content of write n
    private final long[] crashed;
    private int contents;
    private boolean isTold; // by an operator what is right

    SmallModel(int chunks) {
        now = LongStream.generate(() -> 1).limit(chunks).toArray();
        crashed = now.clone();
    }

    private SmallModel(SmallModel same) {
        now = same.now.clone();
        crashed = same.crashed.clone();
        contents = same.contents;
        isTold = same.isTold;
    }

    SmallModel copy() {
        return new SmallModel(this);
    }

    int chunks() {
        return now.length;
    }

    /** The contents that a chunk may hold, ascending. */
    BitSet now(int chunk) {
        return BitSet.valueOf(new long[] {now[chunk]});
    }

    /** Those that it may hold if the power went now. */
    BitSet crashed(int chunk) {
        return BitSet.valueOf(new long[] {crashed[chunk]});
    }

    /** A write begins; tells its content. */
    int begins(int chunk) {
        if (contents == CONTENTS_MAX) {
            throw new IllegalStateException("more than " + CONTENTS_MAX + " writes");
        }
        int content = ++contents;
        now[chunk] |= 1L << content;
        crashed[chunk] |= 1L << content;
        return content;
    }

    void isDone(int chunk, int content, boolean forced) {
        now[chunk] = 1L << content;
        if (forced) {
            crashed[chunk] = 1L << content;
        }
    }

    void isFlushed() {
        System.arraycopy(now, 0, crashed, 0, now.length);
    }

    /** Whether a read may find this; if so, it is what is there from now on. */
    boolean finds(int chunk, int content) {
        boolean right = content >= 0 && content <= contents && (now[chunk] >>> content & 1) != 0;
        if (right) {
            isDone(chunk, content, true);
        }
        return right;
    }

    /** An operator says that whatever some leg has is right. */
    void trusts() {
        isTold = true;
        for (int i = 0; i < now.length; i++) {
            now[i] |= -1L >>> (CONTENTS_MAX - contents);
        }
    }

    /** Whether an operator ever had to say what is right. */
    boolean isTold() {
        return isTold;
    }

    /** Mixes in what may be read. */
    long mixed(long hash) {
        long mixed = SmallHash.mixed(hash, isTold ? 1 : 0);
        for (int i = 0; i < now.length; i++) {
            mixed = SmallHash.mixed(SmallHash.mixed(mixed, now[i]), crashed[i]);
        }
        return mixed;
    }

    void isCut() {
        for (int i = 0; i < now.length; i++) {
            now[i] |= crashed[i];
        }
        isFlushed();
    }
}
