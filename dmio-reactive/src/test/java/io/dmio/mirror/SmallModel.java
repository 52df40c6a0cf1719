package io.dmio.mirror;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What the chunks of a small mirror may hold, by the number of the write that it came from: now, and after a power cut. */
final class SmallModel {

    private final List<Set<Integer>> now = new ArrayList<>();
    private final List<Set<Integer>> crashed = new ArrayList<>();
    private int contents;
    private boolean isTold; // by an operator what is right

    SmallModel(int chunks) {
        for (int i = 0; i < chunks; i++) {
            now.add(new TreeSet<>(Set.of(0)));
            crashed.add(new TreeSet<>(Set.of(0)));
        }
    }

    SmallModel copy() {
        SmallModel copy = new SmallModel(0);
        now.forEach(chunk -> copy.now.add(new TreeSet<>(chunk)));
        crashed.forEach(chunk -> copy.crashed.add(new TreeSet<>(chunk)));
        copy.contents = contents;
        copy.isTold = isTold;
        return copy;
    }

    int chunks() {
        return now.size();
    }

    Set<Integer> now(int chunk) {
        return now.get(chunk);
    }

    Set<Integer> crashed(int chunk) {
        return crashed.get(chunk);
    }

    /** A write begins; tells its content. */
    int begins(int chunk) {
        int content = ++contents;
        now.get(chunk).add(content);
        crashed.get(chunk).add(content);
        return content;
    }

    void isDone(int chunk, int content, boolean forced) {
        now.set(chunk, new TreeSet<>(Set.of(content)));
        if (forced) {
            crashed.set(chunk, new TreeSet<>(Set.of(content)));
        }
    }

    void isFlushed() {
        for (int i = 0; i < now.size(); i++) {
            crashed.set(i, new TreeSet<>(now.get(i)));
        }
    }

    /** Whether a read may find this; if so, it is what is there from now on. */
    boolean finds(int chunk, int content) {
        boolean right = now.get(chunk).contains(content);
        isDone(chunk, content, true);
        return right;
    }

    /** An operator says that whatever some leg has is right. */
    void trusts() {
        isTold = true;
        for (Set<Integer> chunk : now) {
            for (int content = 0; content <= contents; content++) {
                chunk.add(content);
            }
        }
    }

    /** Whether an operator ever had to say what is right. */
    boolean isTold() {
        return isTold;
    }

    /** Mixes in what may be read. */
    long mixed(long hash) {
        long mixed = SmallHash.mixed(hash, isTold ? 1 : 0);
        for (int i = 0; i < now.size(); i++) {
            for (int content : now.get(i)) {
                mixed = SmallHash.mixed(mixed, content);
            }
            mixed = SmallHash.mixed(mixed, -1);
            for (int content : crashed.get(i)) {
                mixed = SmallHash.mixed(mixed, content);
            }
            mixed = SmallHash.mixed(mixed, -1);
        }
        return mixed;
    }

    void isCut() {
        for (int i = 0; i < now.size(); i++) {
            now.get(i).addAll(crashed.get(i));
        }
        isFlushed();
    }
}
