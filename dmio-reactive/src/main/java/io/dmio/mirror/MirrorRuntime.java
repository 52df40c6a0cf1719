package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.DeviceGate;
import io.dmio.Errno;
import io.dmio.mirror.MirrorEvent.Kind;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Membership;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * What every part of a running mirror runs on, and which knows none of them: the mailbox, the clock, the memory in use,
 * the events, who waits for an answer, and whether the mirror still goes on. Owned by the mailbox, except {@link #tell}
 * and what waits for an answer.
 */
final class MirrorRuntime implements MirrorTime {

    private static final Logger LOG = LoggerFactory.getLogger(MirrorRuntime.class);

    private final MirrorSettings options;
    private final Scheduler clock;
    private final Scheduler.Worker timers;
    private final Mailbox mailbox = new Mailbox(this::failed);
    private final Answers answers = new Answers();
    private final UserOps users = new UserOps();
    private final DeviceGate gate = new DeviceGate(() -> {});
    private final String name;
    private final long sectorCount;
    private final boolean grown;
    private final int chunkSectors;
    private final int blockBytes;
    private final int transferSectors;
    private final HeldMemory memory;
    private final EventLog events;
    private volatile @Nullable DeviceException lost;
    private int changes; // of legs, which have begun

    /**
     * Creates the runtime of a mirror that is about to start.
     *
     * @param assembly its legs, to which later legs have to fit
     */
    MirrorRuntime(MirrorSettings options, Assembly assembly) {
        Membership membership = assembly.membership();
        this.options = options;
        this.clock = options.clock();
        this.timers = clock.createWorker();
        this.memory = new HeldMemory(options.allocates);
        this.name = options.name().isEmpty()
                ? "mirror " + membership.mirror().toString().substring(0, 8)
                : options.name();
        this.events = new EventLog(name, clock);
        this.sectorCount = membership.dataSectors();
        this.grown = assembly.grown();
        this.chunkSectors = membership.chunkSectors();
        this.blockBytes = assembly.blockBytes(options.blockBytes);
        this.transferSectors = assembly.transferSectors(blockBytes);
    }

    MirrorSettings options() {
        return options;
    }

    String name() {
        return name;
    }

    long sectorCount() {
        return sectorCount;
    }

    /** Whether the mirror has become larger by its start. */
    boolean hasGrown() {
        return grown;
    }

    /** The block that users rely on. */
    int blockBytes() {
        return blockBytes;
    }

    /** The longest transfer that every leg takes, later ones included. */
    int transferSectors() {
        return transferSectors;
    }

    /** How much is copied or compared at a time. */
    int pieceSectors() {
        return Math.min(options.pieceSectors(), transferSectors);
    }

    int chunkSectors() {
        return chunkSectors;
    }

    DeviceGate gate() {
        return gate;
    }

    long newLineage() {
        return options.newId().getLeastSignificantBits();
    }

    /** Runs an event in the mailbox. From any thread. */
    void tell(Runnable event) {
        mailbox.tell(event);
    }

    Scheduler clock() {
        return clock;
    }

    /** Runs work in the mailbox when subscribed; a refusal that it throws is the error signal. */
    <T> Mono<T> inMailbox(Consumer<Caller<T>> work) {
        return Mono.create(sink -> {
            Answers.Waiting waits = new Answers.Waiting(sink);
            sink.onDispose(() -> answers.remove(waits));
            if (answers.refuses(waits)) {
                return;
            }
            Caller<T> caller = new Caller<>(sink);
            tell(() -> {
                try {
                    work.accept(caller);
                } catch (DeviceException | IllegalArgumentException refusal) {
                    caller.error(refusal);
                }
            });
        });
    }

    /** As {@link #inMailbox}, for work that is refused when the mirror is being closed, or another has taken it. */
    <T> Mono<T> whileOpen(Consumer<Caller<T>> work) {
        return inMailbox(caller -> {
            DeviceException over = over();
            if (over != null) {
                throw over;
            }
            work.accept(caller);
        });
    }

    /** As {@link #whileOpen}, for a change of the legs: once it has begun, a close waits for its end. */
    <T> Mono<T> change(Mono<T> work) {
        Mono<Boolean> begins = whileOpen(caller -> {
            changes++;
            caller.success(true);
        });
        return begins.flatMap(begun -> work.doOnTerminate(() -> tell(() -> changes--))); // even if the caller throws
    }

    boolean isChanging() {
        return changes > 0;
    }

    /** Why nothing begins any more; null while the mirror is open. */
    @Nullable
    DeviceException over() {
        DeviceException why = lost;
        return why != null || !gate.isShut() ? why : DeviceException.of(Errno.ESHUTDOWN, name, "is closed");
    }

    /** The error of everything since another took the legs; null as long as nobody has. From any thread. */
    @Nullable
    DeviceException lost() {
        return lost;
    }

    /** Notes that another has taken the legs. */
    void lose(DeviceException why) {
        lost = why;
    }

    @Override
    public long nanos() {
        return clock.now(TimeUnit.NANOSECONDS);
    }

    @Override
    public void after(long delay, TimeUnit unit, Runnable event) {
        if (!timers.isDisposed()) {
            timers.schedule(() -> mailbox.tell(event), delay, unit);
        }
    }

    /** Tries something again after the pause that a leg is given, but not once the legs are another's. */
    void afterPause(Runnable event) {
        if (lost == null) {
            after(options.probeAfterNanos(), TimeUnit.NANOSECONDS, event);
        }
    }

    HeldMemory memory() {
        return memory;
    }

    /** How many buffers and users' operations there are. */
    int held() {
        return memory.count() + users.count();
    }

    void happened(Kind kind, int leg, String message) {
        events.add(kind, leg, message);
    }

    EventLog events() {
        return events;
    }

    /** Ends the mirror: no timer fires any more. */
    void dispose() {
        timers.dispose();
        events.complete();
    }

    /** For simulations: holds the process up, or lets it go on. */
    Mailbox mailbox() {
        return mailbox;
    }

    /** Callers that wait for an answer. */
    Answers answers() {
        return answers;
    }

    /** Operations of users. */
    UserOps users() {
        return users;
    }

    // An event that threw may have left something half done, which cannot be relied on: this is a crash of the mirror
    // alone.
    private void failed(Throwable thrown) {
        String why = words(thrown);
        try {
            LOG.error("{} failed inside and ends", name, thrown);
            happened(Kind.BROKEN, LegLayout.NO_LEG, "the mirror failed inside and ends: " + why);
        } finally {
            abandon();
            gate.shut();
            DeviceException failure =
                    DeviceException.of(Errno.EIO, name, "failed inside, and has to be opened again: " + why);
            answers.fail(failure);
            users.fail(failure);
        }
    }

    private static String words(Throwable thrown) {
        try {
            return thrown.toString();
        } catch (RuntimeException | Error untold) { // no memory for more, perhaps
            return thrown.getClass().getName();
        }
    }

    /** Ends the process as far as a simulation is concerned: nothing happens any more, and memory is given back. */
    void abandon() {
        mailbox.die();
        timers.dispose();
        memory.freeAll();
        users.free();
    }
}
