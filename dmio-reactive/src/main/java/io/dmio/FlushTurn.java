package io.dmio;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.util.context.Context;

/**
 * Runs the flushes of one device one at a time; flushes that are asked for meanwhile share the next one, as in a group commit. A device
 * reports a loss to one flush only, as does a kernel that could not write its page cache. So a flush that fails is told to all who wait, as
 * their data may be what was lost; and a write that was to be forced by a flush fails if any flush failed since the write began.
 */
final class FlushTurn {

    // Weak on both sides: whoever waits for a flush that never ends holds the device. By identity: an equal object may
    // be another device.
    private static final Map<Key, WeakReference<FlushTurn>> ALL = new HashMap<>();
    private static final ReferenceQueue<BlockDevice> GONE = new ReferenceQueue<>();

    private List<MonoSink<Void>> next = new ArrayList<>();
    private boolean running;
    private volatile @Nullable Throwable lastFailure;
    private volatile int failures;

    /** The key of a device, until the device is collected. */
    private static final class Key extends WeakReference<BlockDevice> {
        private final int hash;

        Key(BlockDevice device) {
            super(device, GONE);
            this.hash = System.identityHashCode(device);
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // this very device
        public boolean equals(@Nullable Object other) {
            BlockDevice device = get();
            return this == other || (device != null && other instanceof Key key && key.get() == device);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    /** Returns the turn of a device, which all who flush the device share. */
    static FlushTurn of(BlockDevice device) {
        synchronized (ALL) {
            for (Reference<?> gone = GONE.poll(); gone != null; gone = GONE.poll()) {
                ALL.remove(gone);
            }
            Key key = new Key(device);
            WeakReference<FlushTurn> known = ALL.get(key);
            FlushTurn turn = known == null ? null : known.get();
            if (turn == null) {
                turn = new FlushTurn();
                ALL.put(key, new WeakReference<>(turn));
            }
            return turn;
        }
    }

    /** Flushes; succeeds if what was answered before is durable. */
    Mono<Void> flush(BlockDevice device) {
        return Mono.create(sink -> join(device, sink));
    }

    /** Writes durably: a write, then a flush. */
    Mono<Void> force(BlockDevice device, BlockOp.Write op) {
        return Mono.defer(() -> {
            int known = failures;
            return DeviceCall.of(device, new BlockOp.Write(op.sector(), op.from(), false))
                    .then(flush(device))
                    .then(Mono.defer(() -> {
                        Throwable last = lastFailure; // that flush may have lost what was written
                        return last == null || failures == known ? Mono.empty() : Mono.error(last);
                    }));
        });
    }

    private void join(BlockDevice device, MonoSink<Void> one) {
        synchronized (this) {
            if (running) {
                next.add(one);
                return;
            }
            running = true;
        }
        flush(device, List.of(one));
    }

    private void flush(BlockDevice device, List<MonoSink<Void>> group) {
        DeviceCall.of(device, new BlockOp.Flush())
                .subscribe(
                        never -> {},
                        failure -> ended(device, group, failure),
                        () -> ended(device, group, null),
                        Context.of(group.get(0).contextView()));
    }

    private void ended(BlockDevice device, List<MonoSink<Void>> group, @Nullable Throwable failure) {
        List<MonoSink<Void>> waiting;
        synchronized (this) {
            if (failure != null) {
                lastFailure = failure;
                failures = failures + 1;
            }
            waiting = next;
            next = new ArrayList<>();
            running = failure == null && !waiting.isEmpty();
        }
        if (failure == null) {
            group.forEach(MonoSink::success);
            if (!waiting.isEmpty()) {
                flush(device, waiting);
            }
        } else {
            group.forEach(one -> one.error(failure));
            waiting.forEach(one -> one.error(failure));
        }
    }
}
