package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A second machine that opens the mirror while the first one has it, or is held up, or opens it at the same moment. Once it has
 * started, the first one acknowledges nothing any more, and nothing that it still does is ever found on a disk.
 */
abstract class SimulatedOwners extends SimulatedRecords {

    private static final long SLOWEST_NANOS = 500_000_000; // longer than any delay that is drawn
    private static final int NEVER_WRITTEN = 1 << 20; // contents that no disk may hold

    private @Nullable MirrorDevice first; // goes on somewhere, and is the owner no more
    private boolean held; // it does not know that time passes
    private boolean canKnow = true; // some leg tells it that it is the owner no more
    private Map<SimulatedLeg, Integer> shared =
            Map.of(); // how often each had been exchanged when another machine had it
    private int never = NEVER_WRITTEN;

    SimulatedOwners(long seed, Set<Rule> broken) {
        super(seed, broken);
    }

    /** Perhaps another machine opens the mirror. */
    final void secondOwner() {
        MirrorDevice before = first;
        if (before != null) {
            firstGoesOn(before);
        } else if (legs.stream().allMatch(SimulatedLeg::isPlugged)) {
            switch (random.nextInt(16)) {
                case 0 -> besideTheFirst(random.nextInt(4) == 0);
                case 1 -> bothAtOnce();
                default -> {}
            }
        }
    }

    /** What disks had under way when they were healed ends; an owner that was held up by them for too long is opened anew. */
    final void settleOwner() {
        if (Danger.hasOwners(dangers)) {
            pass(SLOWEST_NANOS);
            MirrorDevice here = mirror;
            if (here != null && !isCut && here.mirror().runtime().lost() != null) {
                say("the mirror was given up, and is opened anew");
                if (dangers.contains(Danger.FORGOTTEN)) { // what is given up is in caches still
                    crash();
                } else {
                    kill();
                }
            }
        }
    }

    private void besideTheFirst(boolean takeover) {
        legs.forEach(SimulatedLeg::heal);
        settleOwner();
        MirrorDevice here = mirror;
        if (here == null || isCut) {
            return;
        }
        boolean pauses = random.nextInt(4) != 0;
        for (int i = random.nextInt(3); i > 0; i--) {
            write();
        }
        if (pauses) {
            say("the machine is held up");
            here.mirror().runtime().mailbox().pause();
            held = true;
            goOnAfter(here, random.nextInt(1, 1_500));
        }
        isFenced = takeover && pauses; // what does not run can only be fenced
        legs.forEach(leg -> leg.handOver(isFenced));
        say("another machine " + (takeover ? "takes over" : "opens"));
        Start second = new Start(takeover);
        while (second.told.isEmpty() && !isCut) {
            pass(random.nextInt(1, 20_000_000));
            if (!held && random.nextInt(3) == 0 && mirror != null) {
                write();
            }
        }
        isFenced = false;
        if (!isCut) {
            ended(here, second, pauses || takeover);
        }
    }

    private void ended(MirrorDevice here, Start second, boolean mayStart) {
        MirrorDevice started = second.device;
        if (started != null) {
            // With other dangers about, its legs may have failed so that it could not say that it was there: then it
            // does nothing.
            boolean idle = dangers.size() > 1 && !here.mirror().owner().mayAct();
            require(mayStart || idle, "two machines have the mirror open");
            say("the other machine has it");
            first = here;
            canKnow = true;
            shared = legs.stream().collect(Collectors.toMap(leg -> leg, SimulatedLeg::exchanges));
            swap(started);
            return;
        }
        say("the other machine has it not: " + second.told);
        legs.forEach(SimulatedLeg::takeBack);
        while (held && !isCut) {
            pass(10_000_000);
        }
        pass(500_000_000);
        if (!isCut && here.mirror().runtime().lost() != null) {
            require(mayStart || dangers.size() > 1, "a machine that ran lost the mirror to one that was refused");
            say("and the first one has lost it");
            kill();
        }
    }

    private void swap(MirrorDevice started) {
        outdate();
        model.killed();
        starting = null;
        mirror = started;
        listen(started);
        boots++;
        readAll();
    }

    /** Closed in good order, it is opened by two machines at nearly the same moment. */
    private void bothAtOnce() {
        legs.forEach(SimulatedLeg::heal);
        settleOwner();
        MirrorDevice closing = mirror;
        if (closing == null) {
            return; // it was given up, and does not start
        }
        close(closing);
        if (isCut) {
            return;
        }
        mirror = null;
        legs.forEach(SimulatedLeg::boot);
        say("two machines open it");
        Start one = new Start(false);
        pass(random.nextInt(1, random.nextBoolean() ? 1_000_000 : 40_000_000));
        legs.forEach(leg -> leg.handOver(false));
        Start other = new Start(false);
        while ((one.told.isEmpty() || other.told.isEmpty()) && !isCut) {
            pass(10_000_000);
        }
        if (isCut) {
            return;
        }
        require(one.device == null || other.device == null, "two machines have opened the mirror");
        if (one.device != null) {
            legs.forEach(SimulatedLeg::takeBack);
        }
        MirrorDevice winner = one.device != null ? one.device : other.device;
        if (winner != null) {
            swap(winner);
        } else {
            say("neither has it");
            boot();
        }
    }

    private void close(MirrorDevice closing) {
        say("close");
        noteStatus();
        List<Object> told = new ArrayList<>();
        closing.close().subscribe(never -> {}, told::add, () -> told.add("closed"));
        for (int i = 0; i < 6_000 && told.isEmpty() && !isCut; i++) {
            pass(10_000_000);
        }
        require(isCut || !told.isEmpty(), "a close hangs");
    }

    /** A start of another machine, and what it comes to. */
    private final class Start {
        private final List<Object> told = new ArrayList<>();
        private @Nullable MirrorDevice device;

        Start(boolean takeover) {
            MirrorOptions there =
                    options().settings(small -> settings(small, takeover)).build();
            Mono<MirrorDevice> opening = MirrorDevice.open(devices(legs), there);
            opening.subscribe(
                    started -> {
                        device = started;
                        told.add("started");
                    },
                    told::add);
        }

        private void settings(MirrorSettings small, boolean takeover) {
            small.host = elsewhere();
            small.takeover = takeover;
        }
    }

    // Its users go on, too: none of them may be told that something is done.
    private void firstGoesOn(MirrorDevice before) {
        if (!held && random.nextInt(3) == 0) {
            byte[] bytes = new byte[Sectors.BYTES];
            int sector = random.nextInt(DATA_SECTORS);
            SectorModel.fill(bytes, 0, ++never, sector);
            ByteBuf memory = Unpooled.directBuffer(bytes.length).writeBytes(bytes);
            say("the first machine writes " + sector);
            before.submit(new BlockOp.Write(sector, memory, random.nextBoolean()))
                    .doFinally(end -> memory.release())
                    .subscribe(
                            none -> {},
                            lost -> {},
                            () -> require(!canKnow, "a write was acknowledged by a machine that is not the owner"));
        } else if (!held && random.nextInt(5) == 0) {
            say("the first machine closes");
            List<Object> told = new ArrayList<>();
            before.close().subscribe(none -> {}, told::add, () -> told.add("closed"));
            for (int i = 0; i < 300 && told.isEmpty() && !isCut; i++) {
                pass(10_000_000);
            }
            require(isCut || !told.isEmpty(), "the first machine's close hangs");
            forgetOthers();
        }
    }

    private void goOnAfter(MirrorDevice here, int millis) {
        clock.schedule(
                () -> {
                    if (here == first || here == mirror) {
                        say("the machine that was held up goes on");
                        held = false;
                        canKnow = here != first
                                || shared.entrySet().stream().anyMatch(leg -> tells(leg.getKey(), leg.getValue()));
                        here.mirror().runtime().mailbox().goOn();
                    }
                },
                millis,
                TimeUnit.MILLISECONDS);
    }

    // What was put back to an older state shows the mark of then, and no mirror could fence who can see nothing else.
    private static boolean tells(SimulatedLeg leg, int exchanges) {
        return leg.isPlugged() && leg.exchanges() == exchanges;
    }

    @Override
    final boolean othersLook() {
        return first != null;
    }

    @Override
    final void forgetOthers() {
        MirrorDevice gone = first;
        first = null;
        held = false;
        if (gone != null) {
            gone.mirror().abandon();
        }
        legs.forEach(SimulatedLeg::forgetOther);
        forgetOutdated();
    }
}
