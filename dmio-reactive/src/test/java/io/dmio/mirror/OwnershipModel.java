package io.dmio.mirror;

import io.dmio.mirror.OwnershipWorld.At;
import io.dmio.mirror.OwnershipWorld.Opener;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Processes that open, beat, close and crash on the same legs, in every order and held up anywhere: each read and write of one leg's
 * mark is a step of its own, time may pass between any two, and a write may be on its way for long. {@link Tenure} decides; looked
 * for is a moment at which two may act.
 */
final class OwnershipModel {

    private static final int STEP_AGE_MAX = 6;

    private final OwnerTerms terms;
    private final long watch;
    private final int legs;
    private final int processes;
    private final int opens;
    private final int beats;
    private final Map<ByteBuffer, @Nullable ByteBuffer> from = new HashMap<>();
    private final ArrayDeque<ByteBuffer> todo = new ArrayDeque<>();
    private int stepAgeMax = STEP_AGE_MAX;
    private int fence = -1; // how long the first mark of a process that takes over stands; none does if negative
    private boolean deadNeedProof = true;
    private int acting; // states in which somebody may act
    private int closed;

    OwnershipModel(OwnerTerms terms, long watch, int legs, int[] bounds) {
        this.terms = terms;
        this.watch = watch;
        this.legs = legs;
        this.processes = bounds[0];
        this.opens = bounds[1];
        this.beats = bounds[2];
    }

    /** A mark that its writer was not sure of counts as dead with it. */
    OwnershipModel believingTheDead() {
        deadNeedProof = false;
        return this;
    }

    /** The last process takes the legs from whoever has them; its first mark stands at least so long. */
    OwnershipModel takingOver(int nanos) {
        fence = nanos;
        return this;
    }

    /** A look or a beat takes no longer than that. */
    OwnershipModel upTo(int age) {
        stepAgeMax = age;
        return this;
    }

    int states() {
        return from.size();
    }

    int acting() {
        return acting;
    }

    int closed() {
        return closed;
    }

    /** Looks through everything; the way to a moment at which two may act, if there is one. */
    Optional<List<String>> search() {
        OwnershipWorld first = OwnershipWorld.empty(legs, processes);
        for (Opener one : first.all()) {
            one.opens = opens;
        }
        add(first, null);
        while (!todo.isEmpty()) {
            ByteBuffer key = todo.remove();
            OwnershipWorld world = OwnershipWorld.decode(legs, processes, key);
            long may = 0;
            for (Opener one : world.all()) {
                boolean idle =
                        one.at.compareTo(At.IDLE) < 0 || one.at == At.CLOSING; // who closes has nothing more to do
                may += tenure(one).mayAct(0) && !idle ? 1 : 0;
            }
            acting += may > 0 ? 1 : 0;
            if (may > 1) {
                return Optional.of(way(key));
            }
            tick(key);
            for (int i = 0; i < processes; i++) {
                steps(key, i);
            }
        }
        return Optional.empty();
    }

    private void tick(ByteBuffer key) {
        OwnershipWorld world = OwnershipWorld.decode(legs, processes, key);
        for (Opener one : world.all()) {
            boolean busy = one.at != At.NOWHERE && one.at != At.IDLE && one.at != At.WATCHING;
            // What was handed to a disk before the end of the last interval is there at its end: docs/design.md.
            boolean ends = (one.at == At.CLOSING && -one.written >= terms.intervalNanos())
                    || (one.at == At.WRITING && one.sure && -one.expiry >= terms.intervalNanos());
            if ((busy && -one.read >= stepAgeMax) || ends) {
                return;
            }
            one.until = Math.max(one.until - 1, 0);
            one.read = later(one.read, -stepAgeMax - 1); // what is so long ago is past every limit
            one.written = later(one.written, -stepAgeMax - 1);
            one.expiry = later(one.expiry, -terms.intervalNanos());
            one.proven = later(one.proven, -stepAgeMax - 1);
            one.marked = later(one.marked, -stepAgeMax - terms.beatNanosMax() - 1);
        }
        add(world, key);
    }

    private static int later(int time, long least) {
        return (int) Math.max(time - 1, least);
    }

    private void steps(ByteBuffer key, int who) {
        OwnershipWorld world = OwnershipWorld.decode(legs, processes, key);
        Opener one = world.all()[who];
        if (one.at != At.NOWHERE) {
            crash(key, who);
        }
        switch (one.at) {
            case NOWHERE -> {
                if (one.opens > 0) {
                    one.opens--;
                    begin(one, At.LOOKING);
                    add(world, key);
                }
            }
            case LOOKING, LOOKING_AGAIN -> look(key, world, who);
            case WATCHING -> {
                if (one.until <= 0) {
                    begin(one, At.LOOKING_AGAIN);
                    add(world, key);
                }
            }
            case IDLE -> {
                if (one.beatsLeft > 0) {
                    begin(one, At.READING);
                    add(world, key);
                }
            }
            case READING -> read(key, world, who);
            case ANSWERED -> answer(key, world, who);
            case WRITING, CLOSING -> write(key, who);
        }
    }

    private void begin(Opener one, At at) {
        one.at = at;
        one.step = 0;
        one.read = 0;
    }

    private void crash(ByteBuffer key, int who) {
        OwnershipWorld world = OwnershipWorld.decode(legs, processes, key);
        world.all()[who].reset();
        add(world, key);
    }

    private void look(ByteBuffer key, OwnershipWorld world, int who) {
        Opener one = world.all()[who];
        boolean again = one.at == At.LOOKING_AGAIN;
        int mark = world.marks()[one.step];
        if (again && mark != one.seen[one.step]) {
            one.reset(); // refused: it moves
        } else {
            one.seen[one.step++] = mark;
            if (one.step == legs) {
                one.step = 0;
                boolean free = again || isFree(one.seen, who, one);
                one.takes = !free && fence >= 0 && who == processes - 1;
                one.at = free || one.takes ? At.IDLE : At.WATCHING;
                one.beatsLeft = beats;
                one.until = one.at == At.IDLE ? 0 : (int) watch;
            }
        }
        add(world, key);
    }

    // Nobody's, closed, or of a process that this machine knows to be dead.
    private boolean isFree(int[] seen, int who, Opener one) {
        for (int i = 0; i < legs; i++) {
            int id = seen[i] >> 4;
            boolean dead = id != 0 && (id - 1) / 4 == who && id != id(who, one);
            boolean proven = (seen[i] & OwnershipWorld.STATES) == OwnershipWorld.HELD || !deadNeedProof;
            if (seen[i] != 0 && (seen[i] & OwnershipWorld.STATES) != OwnershipWorld.CLOSED && !(dead && proven)) {
                return false;
            }
        }
        return true;
    }

    private void read(ByteBuffer key, OwnershipWorld world, int who) {
        Opener one = world.all()[who];
        int mark = world.marks()[one.step];
        boolean right = one.state == Tenure.State.TAKING ? one.expects(mark) : mark >> 4 == id(who, one);
        if (!right) {
            one.reset(); // refused, or lost: nothing more is done
        } else if (++one.step == legs) {
            one.at = At.ANSWERED;
        }
        add(world, key);
    }

    private void answer(ByteBuffer key, OwnershipWorld world, int who) {
        Opener one = world.all()[who];
        Tenure tenure = tenure(one).confirmed(one.read);
        keep(one, tenure);
        one.step = 0;
        one.written = 0;
        one.sure = tenure.mayAct(0);
        one.beat++;
        one.beatsLeft--;
        if (one.sure) {
            one.at = At.CLOSING;
            add(world, key);
        }
        one.at = At.WRITING;
        add(world, key);
    }

    private void write(ByteBuffer key, int who) {
        for (int leg = 0; leg < legs; leg++) {
            OwnershipWorld world = OwnershipWorld.decode(legs, processes, key);
            Opener one = world.all()[who];
            if ((one.step >> leg & 1) == 0) {
                one.step |= 1 << leg;
                world.marks()[leg] = id(who, one) << 4 | (one.beat & OwnershipWorld.STATES) << 2 | one.markState();
                add(world, key);
            }
        }
        OwnershipWorld world = OwnershipWorld.decode(legs, processes, key);
        Opener one = world.all()[who];
        if (one.step == (1 << legs) - 1) {
            boolean closing = one.at == At.CLOSING;
            if (closing) {
                closed++;
                one.reset();
            } else {
                Tenure beaten = tenure(one).beaten(one.read, 0);
                keep(one, one.takes ? beaten.notBefore(fence) : beaten);
                one.at = At.IDLE;
                one.step = 0;
            }
            add(world, key);
        }
    }

    private int id(int who, Opener one) {
        return 1 + who * 4 + one.opens;
    }

    private Tenure tenure(Opener one) {
        return new Tenure(terms, one.state, one.expiry, one.proven, one.marked);
    }

    private static void keep(Opener one, Tenure tenure) {
        one.state = tenure.state();
        one.expiry = (int) tenure.expiryNanos();
        one.proven = (int) tenure.provenNanos();
        one.marked = (int) tenure.markedNanos();
    }

    private void add(OwnershipWorld world, @Nullable ByteBuffer before) {
        for (Opener one : world.all()) {
            one.forgetWhatIsOver();
        }
        ByteBuffer key = world.encode();
        if (!from.containsKey(key)) {
            from.put(key, before);
            todo.add(key);
        }
    }

    private List<String> way(ByteBuffer last) {
        List<String> way = new ArrayList<>();
        for (ByteBuffer key = last; key != null; key = from.get(key)) {
            way.add(OwnershipWorld.decode(legs, processes, key).words());
        }
        Collections.reverse(way);
        return way;
    }
}
