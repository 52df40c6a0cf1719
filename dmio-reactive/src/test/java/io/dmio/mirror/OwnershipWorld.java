package io.dmio.mirror;

import java.nio.ByteBuffer;

/** One state of an {@link OwnershipModel}: the marks of the legs, and how far each process is. */
@SuppressWarnings("EnumOrdinal") // numbers in a key that lives no longer than the search
final class OwnershipWorld {

    static final int TAKING = 1; // of marks: longest:1 | id:4 | beat:2 | state:2
    static final int HELD = 2;
    static final int CLOSED = 3;
    static final int STATES = 3;
    private static final int LONGEST = 1 << 8; // promises the longest of all terms

    /** What processes promise: the same, but for the last one. */
    record Promises(OwnerTerms usual, OwnerTerms last, int processes) {

        OwnerTerms of(int who) {
            return who == processes - 1 ? last : usual;
        }

        /** How long a process waits that has seen these marks: as long as any of them asks for, and at least as it asks others. */
        int watch(int who, int[] marks) {
            long watch = of(who).watchNanos();
            for (int mark : marks) {
                boolean all = (mark & LONGEST) != 0;
                int by = mark == 0 ? who : (OwnershipWorld.id(mark) - 1) / 4;
                watch = Math.max(watch, all ? longest() : of(by).watchNanos());
            }
            return (int) watch;
        }

        long longest() {
            return Math.max(usual.watchNanos(), last.watchNanos());
        }
    }

    /** Returns whose mark it is. */
    static int id(int mark) {
        return mark >> 4 & 15;
    }

    /** What a process is at. */
    enum At {
        NOWHERE,
        LOOKING,
        WATCHING,
        LOOKING_AGAIN,
        IDLE,
        READING,
        ANSWERED,
        WRITING,
        CLOSING
    }

    /** One process: times are relative to now. */
    static final class Opener {
        At at = At.NOWHERE;
        int opens; // that it may still do
        int beatsLeft;
        int beat;
        int step; // legs read, or a mask of legs written
        int until;
        int read;
        int written;
        int[] seen = {0, 0};
        Tenure.State state = Tenure.State.TAKING;
        int expiry;
        int proven;
        int marked;
        boolean sure; // that what it writes now is written over nobody's
        boolean speaksForAll; // as it takes the legs, until it has them
        boolean takes; // the legs from one that may still be there, or has perhaps overwritten its mark

        /** Whether a mark may be there before its first: the one that the legs are taken from may go on beating. */
        boolean expects(int mark) {
            boolean beats = takes
                    && mark != 0
                    && (OwnershipWorld.id(mark) == OwnershipWorld.id(seen[0])
                            || OwnershipWorld.id(mark) == OwnershipWorld.id(seen[1]));
            return beats || mark == seen[step];
        }

        /** The mark that it writes. */
        int mark(int who) {
            int markState = at == At.CLOSING ? CLOSED : sure ? HELD : TAKING;
            return (speaksForAll ? LONGEST : 0) | id(who) << 4 | (beat & STATES) << 2 | markState;
        }

        void begin(At next) {
            at = next;
            step = 0;
            read = 0;
        }

        void keep(Tenure tenure) {
            state = tenure.state();
            expiry = (int) tenure.expiryNanos();
            proven = (int) tenure.provenNanos();
            marked = (int) tenure.markedNanos();
            speaksForAll &= state != Tenure.State.HOLDING;
        }

        /** What its marks say of it, as the given process. */
        int id(int who) {
            return 1 + who * 4 + opens;
        }

        /** Whether all marks are nobody's, closed, or of a process that this machine knows to be dead. */
        boolean seesNobody(int who, boolean deadNeedProof) {
            for (int mark : seen) {
                int id = OwnershipWorld.id(mark);
                boolean dead = id != 0 && (id - 1) / 4 == who && id != id(who);
                boolean proven = (mark & STATES) == HELD || !deadNeedProof;
                if (mark != 0 && (mark & STATES) != CLOSED && !(dead && proven)) {
                    return false;
                }
            }
            return true;
        }

        /** Whether its next step comes before more time passes. */
        boolean isDue(OwnerTerms terms, int stepAgeMax) {
            boolean busy = at != At.NOWHERE && at != At.IDLE && at != At.WATCHING;
            // What was handed to a disk before the end of the last interval is there at its end: docs/design.md.
            boolean ends = (at == At.CLOSING && -written >= terms.intervalNanos())
                    || (at == At.WRITING && sure && -expiry >= terms.intervalNanos());
            return (busy && -read >= stepAgeMax) || ends;
        }

        /** A unit of time passes. */
        void ages(OwnerTerms terms, int stepAgeMax) {
            until = Math.max(until - 1, 0);
            read = later(read, -stepAgeMax - 1); // what is so long ago is past every limit
            written = later(written, -stepAgeMax - 1);
            expiry = later(expiry, -terms.intervalNanos());
            proven = later(proven, -stepAgeMax - 1);
            marked = later(marked, -stepAgeMax - terms.beatNanosMax() - 1);
        }

        private static int later(int time, long least) {
            return (int) Math.max(time - 1, least);
        }

        /** Its process is gone. */
        void reset() {
            at = At.NOWHERE;
            beat = 0;
            beatsLeft = 0;
            step = 0;
            until = 0;
            read = 0;
            written = 0;
            seen = new int[] {0, 0};
            state = Tenure.State.TAKING;
            expiry = 0;
            proven = 0;
            marked = 0;
            sure = false;
            takes = false;
            speaksForAll = false;
        }

        /** So that states that differ in nothing that counts are one; {@code mayGiveUp} before it holds the legs. */
        void forgetWhatIsOver(boolean mayGiveUp) {
            boolean busy = at != At.NOWHERE && at != At.IDLE && at != At.WATCHING;
            read = busy ? read : 0;
            sure &= at == At.WRITING;
            written = at == At.WRITING || at == At.CLOSING ? written : 0;
            proven = state == Tenure.State.PROVING ? proven : 0;
            marked = state == Tenure.State.PROVING ? marked : 0;
            if (state != Tenure.State.TAKING) {
                seen = new int[] {0, 0};
                takes &= mayGiveUp && state == Tenure.State.PROVING;
            }
        }
    }

    private final int[] marks;
    private final Opener[] all;

    private OwnershipWorld(int legs, int processes) {
        marks = new int[legs];
        all = new Opener[processes];
        for (int i = 0; i < processes; i++) {
            all[i] = new Opener();
        }
    }

    int[] marks() {
        return marks;
    }

    Opener[] all() {
        return all;
    }

    static OwnershipWorld empty(int legs, int processes) {
        return new OwnershipWorld(legs, processes);
    }

    String words() {
        StringBuilder words = new StringBuilder();
        for (int mark : marks) {
            words.append(" mark ").append(id(mark)).append('/').append(mark >> 2 & STATES);
            words.append("-tHc".charAt(mark & STATES));
        }
        for (Opener one : all) {
            words.append(" | ")
                    .append(one.at)
                    .append(' ')
                    .append(one.state)
                    .append(" exp ")
                    .append(one.expiry);
            words.append(" prv ").append(one.proven).append(" step ").append(one.step);
        }
        return words.toString();
    }

    ByteBuffer encode() {
        ByteBuffer key = ByteBuffer.allocate(2 * marks.length + all.length * 17);
        for (int mark : marks) {
            key.putShort((short) mark);
        }
        for (Opener one : all) {
            key.put((byte) one.at.ordinal())
                    .put((byte) one.opens)
                    .put((byte) one.beatsLeft)
                    .put((byte) one.beat);
            key.put((byte) one.step).put((byte) one.until).put((byte) one.read).put((byte) one.written);
            key.putShort((short) one.seen[0]).putShort((short) one.seen[1]);
            key.put((byte) one.state.ordinal())
                    .put((byte) one.expiry)
                    .put((byte) one.proven)
                    .put((byte) one.marked)
                    .put((byte) ((one.sure ? 1 : 0) | (one.takes ? 2 : 0) | (one.speaksForAll ? 4 : 0)));
        }
        return key.flip();
    }

    static OwnershipWorld decode(int legs, int processes, ByteBuffer key) {
        ByteBuffer in = key.duplicate();
        OwnershipWorld world = empty(legs, processes);
        for (int i = 0; i < legs; i++) {
            world.marks[i] = in.getShort();
        }
        for (int i = 0; i < processes; i++) {
            Opener one = world.all[i];
            one.at = At.values()[in.get()];
            one.opens = in.get();
            one.beatsLeft = in.get();
            one.beat = in.get();
            one.step = in.get();
            one.until = in.get();
            one.read = in.get();
            one.written = in.get();
            one.seen = new int[] {in.getShort(), in.getShort()};
            one.state = Tenure.State.values()[in.get()];
            one.expiry = in.get();
            one.proven = in.get();
            one.marked = in.get();
            int flags = in.get();
            one.sure = (flags & 1) != 0;
            one.takes = (flags & 2) != 0;
            one.speaksForAll = (flags & 4) != 0;
        }
        return world;
    }
}
