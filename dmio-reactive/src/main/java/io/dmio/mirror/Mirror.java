package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.DeviceGate;
import io.dmio.Errno;
import io.dmio.concurrent.RangeLock;
import io.dmio.mirror.MirrorEvent.Kind;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The parts of a running mirror, and what they share: the mailbox, the clock, the memory in use and the events. Everything
 * but {@link #tell} is owned by the mailbox.
 *
 * <pre>
 *     WriteRun ─▶ RangeLock ─▶ ChunkTable ─▶ IntentLog ─▶ legs ─▶ Roster (who missed it?) ─▶ acknowledged
 *     ReadRun  ─▶ Balance ─▶ a leg, another one, heal
 *     Cleaner  ─▶ FlushRun ─▶ bits cleared ─▶ IntentLog
 *     Resync   ─▶ Pace ─▶ PieceCopy ─▶ Cleaner          Returns: legs that come back ─▶ Roster ─▶ Resync
 * </pre>
 */
final class Mirror implements MirrorTime {

    private static final Logger LOG = LoggerFactory.getLogger(Mirror.class);

    private final MirrorSettings options;
    private final Scheduler clock;
    private final Scheduler.Worker timers;
    private final Mailbox mailbox = new Mailbox(this::failed);
    private final Answers answers = new Answers();
    private final DeviceGate gate = new DeviceGate(() -> {});
    private final String name;
    private final long sectorCount;
    private final int chunkSectors;
    private final int transferSectors;
    private final Planes planes;
    private final ChunkTable chunks;
    private final RangeLock locks;
    private final Roster roster;
    private final OnRecord onRecord;
    private final IntentLog intents;
    private final Cleaner cleaner;
    private final Repairs repairs;
    private final Resync resync;
    private final Returns returns;
    private final Pace pace;
    private final Balance balance;
    private final Owner owner;
    private final HeldMemory memory;
    private final Set<WriteRun> laggards = new LinkedHashSet<>();
    private final EventLog events;

    Mirror(MirrorSettings options, Assembly assembly, Claim claim) {
        this.options = options;
        this.clock = options.clock();
        this.timers = clock.createWorker();
        this.memory = new HeldMemory(options.allocates);
        Membership membership = assembly.membership();
        this.name = options.name().isEmpty()
                ? "mirror " + membership.mirror().toString().substring(0, 8)
                : options.name();
        this.events = new EventLog(name, clock);
        this.sectorCount = membership.dataSectors();
        this.chunkSectors = membership.chunkSectors();
        this.transferSectors = assembly.transferSectors();
        this.planes = assembly.planes();
        this.chunks = new ChunkTable(planes, membership.chunkCount(), chunkSectors, options.chunksAhead(chunkSectors));
        this.locks = new RangeLock(mailbox::tell, options.keeps(Rule.SERIAL_OVERLAPS));
        this.roster = new Roster(this, membership);
        this.onRecord = new OnRecord(this);
        this.intents = new IntentLog(this, planes, chunks);
        this.cleaner = new Cleaner(this);
        this.repairs = new Repairs(this);
        this.resync = new Resync(this);
        this.returns = new Returns(this);
        this.pace = new Pace(this, options.resyncBytesPerSecondMin(), options.resyncBytesPerSecondMax());
        this.balance = new Balance(this);
        this.owner = new Owner(this, claim);
        assembly.disks().forEach((index, disk) -> {
            Leg leg = new Leg(this, index, disk);
            if (membership.leg(index).isIn()) {
                leg.starts(planes.count(Planes.stale(index)) == 0);
            }
            roster.put(leg);
        });
        options.made.accept(this);
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

    /** The longest transfer that every leg takes, those to come as well. */
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

    Planes planes() {
        return planes;
    }

    ChunkTable chunks() {
        return chunks;
    }

    RangeLock locks() {
        return locks;
    }

    Roster roster() {
        return roster;
    }

    OnRecord onRecord() {
        return onRecord;
    }

    IntentLog intents() {
        return intents;
    }

    Cleaner cleaner() {
        return cleaner;
    }

    Repairs repairs() {
        return repairs;
    }

    Resync resync() {
        return resync;
    }

    Returns returns() {
        return returns;
    }

    Pace pace() {
        return pace;
    }

    Balance balance() {
        return balance;
    }

    Owner owner() {
        return owner;
    }

    long newLineage() {
        return options.newId().getLeastSignificantBits();
    }

    /** From any thread: runs it in the mailbox. */
    void tell(Runnable event) {
        mailbox.tell(event);
    }

    Scheduler clock() {
        return clock;
    }

    /** Runs it in the mailbox when subscribed; what it throws is the error signal. */
    <T> Mono<T> inMailbox(Consumer<Caller<T>> work) {
        return Mono.create(sink -> {
            sink.onDispose(() -> answers.remove(sink));
            if (answers.refuses(sink)) {
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

    /** As {@link #inMailbox}, for what is over when the mirror is being closed, or another has taken it. */
    <T> Mono<T> whileOpen(Consumer<Caller<T>> work) {
        return inMailbox(caller -> {
            DeviceException over = over();
            if (over != null) {
                throw over;
            }
            work.accept(caller);
        });
    }

    /** Why nothing begins any more; null while the mirror is open. */
    @Nullable
    DeviceException over() {
        DeviceException lost = owner.lost();
        return lost != null || !gate.isShut() ? lost : DeviceException.of(Errno.ESHUTDOWN, name, "is closed");
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

    /** Tries something again after the pause that a leg is given; not once the legs are another's. */
    void afterPause(Runnable event) {
        if (owner.lost() == null) {
            after(options.probeAfterNanos(), TimeUnit.NANOSECONDS, event);
        }
    }

    HeldMemory memory() {
        return memory;
    }

    /** Writes that are acknowledged, and that a leg which may lag has not done yet. */
    Set<WriteRun> laggards() {
        return laggards;
    }

    void happened(Kind kind, int leg, String message) {
        events.add(kind, leg, message);
    }

    EventLog events() {
        return events;
    }

    /** The end: no timer fires any more. */
    void dispose() {
        intents.giveUp();
        timers.dispose();
        events.complete();
    }

    /** For simulations: holds the process up, or lets it go on. */
    Mailbox mailbox() {
        return mailbox;
    }

    /** Who waits for an answer. */
    Answers answers() {
        return answers;
    }

    // What an event that threw left half done cannot be relied on: it is a crash of the mirror alone.
    private void failed(Throwable thrown) {
        LOG.error("{} failed inside and ends", name, thrown);
        happened(Kind.BROKEN, MirrorOptions.NOBODY, "the mirror failed inside and ends: " + thrown);
        abandon();
        gate.shut();
        answers.fail(DeviceException.of(Errno.EIO, name, "failed inside, and has to be opened again: " + thrown));
    }

    /** The process is gone, as far as a simulation is concerned: nothing happens any more, and memory is given back. */
    void abandon() {
        mailbox.die();
        timers.dispose();
        memory.freeAll();
    }
}
