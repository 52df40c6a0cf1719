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

    private OwnershipWorld.Promises promises;
    private long watch; // 0 for as long as the marks ask for
    private final int legs;
    private final int processes;
    private final int opens;
    private final int beats;
    private final Map<ByteBuffer, @Nullable ByteBuffer> from = new HashMap<>();
    private final ArrayDeque<ByteBuffer> todo = new ArrayDeque<>();
    private int stepAgeMax = STEP_AGE_MAX;
    private int fence = -1; // how long the first mark of a process that takes over stands; none does if negative
    private boolean deadNeedProof = true;
    private boolean speaksForAll = true;
    private boolean givesUp; // a process may before it holds the legs, and then closes its marks
    private boolean closesOverOthers; // also if it has taken the legs from one that may still act
    private int acting; // states in which somebody may act
    private int closed;

    OwnershipModel(OwnerTerms terms, long watch, int legs, int[] bounds) {
        this.watch = watch;
        this.legs = legs;
        this.processes = bounds[0];
        this.promises = new OwnershipWorld.Promises(terms, terms, processes);
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

    /** A process may give up before it holds the legs, and closes its marks then; {@code always}: also those that may lie over others'. */
    OwnershipModel givingUp(boolean always) {
        givesUp = true;
        closesOverOthers = always;
        return this;
    }

    /** The last one promises something else, and takes over only once; each waits as long as it asks others, and as what it sees asks. */
    OwnershipModel lastPromising(OwnerTerms terms) {
        promises = new OwnershipWorld.Promises(promises.usual(), terms, processes);
        watch = 0;
        return this;
    }

    /** A process that takes the legs promises no more with its mark than it keeps to itself. */
    OwnershipModel speakingForItself() {
        speaksForAll = false;
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
                may += tenure(promises.usual(), one).mayAct(0) && !idle ? 1 : 0;
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
        for (int i = 0; i < processes; i++) {
            if (world.all()[i].isDue(promises.of(i), stepAgeMax)) {
                return;
            }
            world.all()[i].ages(promises.of(i), stepAgeMax);
        }
        add(world, key);
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
                    one.begin(At.LOOKING);
                    add(world, key);
                }
            }
            case LOOKING, LOOKING_AGAIN -> look(key, world, who);
            case WATCHING -> {
                if (one.until <= 0) {
                    one.begin(At.LOOKING_AGAIN);
                    add(world, key);
                }
            }
            case IDLE -> {
                if (one.beatsLeft > 0) {
                    one.begin(At.READING);
                    add(world, key);
                }
                if (givesUp && one.state == Tenure.State.PROVING) {
                    giveUp(key, who);
                }
            }
            case READING -> read(key, world, who);
            case ANSWERED -> answer(key, world, who);
            case WRITING, CLOSING -> write(key, who);
        }
    }

    private void crash(ByteBuffer key, int who) {
        OwnershipWorld world = OwnershipWorld.decode(legs, processes, key);
        world.all()[who].reset();
        add(world, key);
    }

    private void giveUp(ByteBuffer key, int who) {
        OwnershipWorld world = OwnershipWorld.decode(legs, processes, key);
        Opener one = world.all()[who];
        int others = 0;
        for (int leg = 0; leg < legs; leg++) {
            others |= OwnershipWorld.id(world.marks()[leg]) == one.id(who) ? 0 : 1 << leg;
        }
        if (others != (1 << legs) - 1 && (closesOverOthers || !one.takes)) { // otherwise it ends as by a crash
            one.begin(At.CLOSING);
            one.step = others;
            one.written = 0;
            one.beat++;
            add(world, key);
        }
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
                boolean free = again || one.seesNobody(who, deadNeedProof);
                one.takes = !free && fence >= 0 && who == processes - 1 && (watch > 0 || one.opens == opens - 1);
                one.at = free || one.takes ? At.IDLE : At.WATCHING;
                one.beatsLeft = beats;
                one.speaksForAll = one.takes && speaksForAll && watch == 0;
                one.until = one.at == At.IDLE ? 0 : watch > 0 ? (int) watch : promises.watch(who, one.seen);
            }
        }
        add(world, key);
    }

    private void read(ByteBuffer key, OwnershipWorld world, int who) {
        Opener one = world.all()[who];
        int mark = world.marks()[one.step];
        boolean right = one.state == Tenure.State.TAKING ? one.expects(mark) : OwnershipWorld.id(mark) == one.id(who);
        if (!right) {
            one.reset(); // refused, or lost: nothing more is done
        } else if (++one.step == legs) {
            one.at = At.ANSWERED;
        }
        add(world, key);
    }

    private void answer(ByteBuffer key, OwnershipWorld world, int who) {
        Opener one = world.all()[who];
        Tenure tenure = tenure(promises.of(who), one).confirmed(one.read);
        one.keep(tenure);
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
                world.marks()[leg] = one.mark(who);
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
                boolean first = one.state == Tenure.State.TAKING;
                boolean slow = -one.read > promises.of(who).quickNanos();
                Tenure beaten = tenure(promises.of(who), one).beaten(one.read, 0);
                one.keep(first && one.takes ? beaten.notBefore(fence) : beaten);
                one.takes |= slow && one.state == Tenure.State.PROVING; // from one that acts, perhaps
                one.at = At.IDLE;
                one.step = 0;
            }
            add(world, key);
        }
    }

    private static Tenure tenure(OwnerTerms terms, Opener one) {
        return new Tenure(terms, one.state, one.expiry, one.proven, one.marked);
    }

    private void add(OwnershipWorld world, @Nullable ByteBuffer before) {
        for (Opener one : world.all()) {
            one.forgetWhatIsOver(givesUp);
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
