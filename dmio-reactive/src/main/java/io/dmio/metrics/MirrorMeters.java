package io.dmio.metrics;

import io.dmio.Sectors;
import io.dmio.mirror.LegErrors;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorEvent;
import io.dmio.mirror.MirrorStatus;
import io.dmio.mirror.ScrubReport;
import io.dmio.mirror.WorkProgress;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/**
 * Micrometer meters of a mirror and its legs, from its {@link MirrorDevice#status} and its {@link MirrorDevice#events}. Their
 * names are in docs/metrics.md. Legs that come and go have their meters as long as they have a slot. A {@link MeteredDevice}
 * around each leg or around the mirror tells what is read and written, and how fast.
 *
 * <p>Reading a meter takes the status again if it is older than a tenth of a second, and so does each event: the mirror's users
 * wait for none of it.
 */
public final class MirrorMeters implements Disposable {

    private static final long FRESH_NANOS = Duration.ofMillis(100).toNanos();

    private final MeterRegistry registry;
    private final MirrorDevice mirror;
    private final LongSupplier nanos;
    private final String name;
    private final MeterBinding ofMirror;
    private final Map<MirrorEvent.Kind, Counter> events = new EnumMap<>(MirrorEvent.Kind.class);
    private final AtomicBoolean asking = new AtomicBoolean();
    private final Disposable listening;
    private volatile @Nullable MirrorStatus latest;
    private volatile long takenNanos;

    // guarded by this
    private final Map<Slot, MeterBinding> ofLegs = new HashMap<>();

    /** A leg as its meters name it. */
    private record Slot(int index, String device) {}

    private MirrorMeters(MeterRegistry registry, MirrorDevice mirror, LongSupplier nanos) {
        this.registry = registry;
        this.mirror = mirror;
        this.nanos = nanos;
        this.name = mirror.info().name();
        this.ofMirror = new MeterBinding(registry);
        for (MirrorEvent.Kind kind : MirrorEvent.Kind.values()) {
            events.put(kind, LibraryMeter.MIRROR_EVENTS.counter(registry, name, word(kind)));
        }
        bindMirror();
        bindWork("resync", MirrorStatus::resync);
        bindWork("scrub", MirrorStatus::scrub);
        this.listening = mirror.events().doFinally(end -> remove()).subscribe(this::happened);
        look();
    }

    /**
     * Registers a mirror's meters, until it is closed or the result is disposed of; counters of events stay.
     *
     * @param registry where to register them; one that had a mirror of this name shows this one from now on
     * @param mirror the mirror, whose name is the tag {@code mirror}; bound once, as its events are counted from its start on
     * @return removes the meters when it is disposed of
     */
    public static MirrorMeters bind(MeterRegistry registry, MirrorDevice mirror) {
        return bind(registry, mirror, System::nanoTime);
    }

    static MirrorMeters bind(MeterRegistry registry, MirrorDevice mirror, LongSupplier nanos) {
        return new MirrorMeters(Objects.requireNonNull(registry, "registry"), mirror, nanos);
    }

    @Override
    public void dispose() {
        listening.dispose();
    }

    @Override
    public boolean isDisposed() {
        return ofMirror.isDisposed();
    }

    private void bindMirror() {
        mirror(LibraryMeter.MIRROR_SIZE, status -> Sectors.toBytes(status.sectorCount()));
        mirror(LibraryMeter.MIRROR_WRITABLE, status -> flag(status.writable()));
        mirror(LibraryMeter.MIRROR_INSYNC, status -> flag(status.isInSync()));
        mirror(LibraryMeter.MIRROR_ALL, MirrorStatus::chunks);
        mirror(LibraryMeter.MIRROR_DIRTY, MirrorStatus::dirtyChunks);
        mirror(LibraryMeter.MIRROR_STALE, MirrorStatus::staleChunks);
        mirror(LibraryMeter.SCRUB_DIFFERENT, status -> lastScrub(status, ScrubReport::sectorsDifferent));
        mirror(LibraryMeter.SCRUB_UNREAD, status -> lastScrub(status, ScrubReport::sectorsUnread));
    }

    private void mirror(LibraryMeter meter, ToDoubleFunction<MirrorStatus> number) {
        ofMirror.gauge(meter, () -> read(number), name);
    }

    private void bindWork(String work, Function<MirrorStatus, Optional<WorkProgress>> running) {
        work(
                LibraryMeter.WORK_RUNNING,
                work,
                status -> flag(running.apply(status).isPresent()));
        work(
                LibraryMeter.WORK_PAUSED,
                work,
                status -> flag(running.apply(status).map(WorkProgress::paused).orElse(false)));
        work(LibraryMeter.WORK_DONE, work, status -> number(running.apply(status), WorkProgress::chunksDone));
        work(LibraryMeter.WORK_WANTED, work, status -> number(running.apply(status), WorkProgress::chunksTotal));
        work(LibraryMeter.WORK_RATE, work, status -> number(running.apply(status), WorkProgress::bytesPerSecond));
        work(
                LibraryMeter.WORK_LEFT,
                work,
                status -> running.apply(status)
                        .map(progress ->
                                progress.remaining().map(MirrorMeters::seconds).orElse(Double.NaN))
                        .orElse(0.0));
    }

    private void work(LibraryMeter meter, String work, ToDoubleFunction<MirrorStatus> number) {
        ofMirror.gauge(meter, () -> read(number), name, work);
    }

    private void bindLeg(MeterBinding binding, Slot slot) {
        String[] tags = {name, String.valueOf(slot.index), slot.device};
        for (LegState state : LegState.values()) {
            binding.gauge(
                    LibraryMeter.LEG_STATE,
                    () -> leg(slot, leg -> flag(leg.state() == state)),
                    tags[0],
                    tags[1],
                    tags[2],
                    word(state));
        }
        binding.gauge(LibraryMeter.LEG_STALE, () -> leg(slot, LegStatus::staleChunks), tags);
        binding.gauge(LibraryMeter.LEG_LAG, () -> leg(slot, leg -> Sectors.toBytes(leg.lagSectors())), tags);
        Map<String, ToLongFunction<LegErrors>> errors = Map.of(
                "read", LegErrors::reads,
                "write", LegErrors::writes,
                "flush", LegErrors::flushes,
                "sync", LegErrors::syncs,
                "metadata", LegErrors::metadata);
        errors.forEach((work, count) -> binding.counter(
                LibraryMeter.LEG_ERRORS,
                () -> leg(slot, leg -> count.applyAsLong(leg.errors())),
                tags[0],
                tags[1],
                tags[2],
                work));
        binding.counter(
                LibraryMeter.LEG_SLOW, () -> leg(slot, leg -> leg.errors().slow()), tags);
        binding.counter(
                LibraryMeter.LEG_HEALED, () -> leg(slot, leg -> leg.errors().healed()), tags);
    }

    private void happened(MirrorEvent event) {
        Objects.requireNonNull(events.get(event.kind())).increment();
        look();
    }

    private double read(ToDoubleFunction<MirrorStatus> number) {
        if (nanos.getAsLong() - takenNanos >= FRESH_NANOS) {
            look();
        }
        MirrorStatus status = latest;
        return status == null ? Double.NaN : number.applyAsDouble(status);
    }

    private double leg(Slot slot, ToDoubleFunction<LegStatus> number) {
        return read(status -> status.legs().stream()
                .filter(leg -> leg.index() == slot.index)
                .findFirst()
                .map(number::applyAsDouble)
                .orElse(Double.NaN));
    }

    // Told at once, or soon after where somebody else is at the mirror's mailbox; whoever reads does not wait.
    private void look() {
        if (asking.compareAndSet(false, true)) {
            mirror.status().doFinally(end -> asking.set(false)).subscribe(this::show, broken -> {});
        }
    }

    private synchronized void show(MirrorStatus status) {
        latest = status;
        takenNanos = nanos.getAsLong();
        Set<Slot> there = new HashSet<>();
        status.legs().forEach(leg -> there.add(new Slot(leg.index(), leg.name())));
        ofLegs.entrySet().removeIf(leg -> {
            boolean gone = !there.contains(leg.getKey());
            if (gone) {
                leg.getValue().dispose();
            }
            return gone;
        });
        for (Slot slot : there) {
            if (!isDisposed() && !ofLegs.containsKey(slot)) {
                MeterBinding binding = new MeterBinding(registry);
                ofLegs.put(slot, binding);
                bindLeg(binding, slot);
            }
        }
    }

    private synchronized void remove() {
        ofMirror.dispose();
        ofLegs.values().forEach(MeterBinding::dispose);
        ofLegs.clear();
    }

    private static double lastScrub(MirrorStatus status, ToLongFunction<ScrubReport> number) {
        return status.lastScrub().map(number::applyAsLong).orElse(0L);
    }

    private static double number(Optional<WorkProgress> work, ToLongFunction<WorkProgress> number) {
        return work.map(number::applyAsLong).orElse(0L);
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1e3;
    }

    private static double flag(boolean holds) {
        return holds ? 1 : 0;
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
