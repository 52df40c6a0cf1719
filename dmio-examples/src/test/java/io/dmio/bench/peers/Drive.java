package io.dmio.bench.peers;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Keeps a work's requests in flight on a peer, warms up, measures, stops and waits for the last. The same for all peers. */
final class Drive {

    private final Workload work;
    private final Peer peer;
    private final long blockCount;
    private final List<Request> requests;
    private final AtomicLong sequence = new AtomicLong();
    private final CountDownLatch left;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean measures;
    private volatile boolean stopped;

    Drive(Workload work, Peer peer, long legBytes) {
        this.work = work;
        this.peer = peer;
        this.blockCount = legBytes / work.blockBytes();
        this.requests = IntStream.range(0, work.depth())
                .mapToObj(number -> new Request(this, number))
                .toList();
        this.left = new CountDownLatch(work.depth());
    }

    /** The requests of the measured time: what each of them took, what the process used meanwhile. */
    record Outcome(Histogram nanos, double seconds, long cpuNanos, long allocatedBytes) {}

    Outcome run(double warmUpSeconds, double seconds) throws InterruptedException, TimeoutException {
        // A thread of its own: a peer that blocks keeps it until the end, others return at once.
        Thread starter = new Thread(() -> requests.forEach(Request::begin), "peer-start");
        starter.start();
        pause(warmUpSeconds);
        ProcessUse before = ProcessUse.now();
        long began = System.nanoTime();
        measures = true;
        pause(seconds);
        measures = false;
        double measured = (System.nanoTime() - began) / 1e9;
        ProcessUse used = ProcessUse.now().since(before);
        stopped = true;
        if (failure.get() == null && !left.await(60, TimeUnit.SECONDS)) {
            throw new TimeoutException(left.getCount() + " requests did not end");
        }
        throwFailure();
        Histogram nanos = new Histogram(60_000_000_000L, 3);
        requests.forEach(request -> nanos.add(request.nanos()));
        return new Outcome(nanos, measured, used.cpuNanos(), used.allocatedBytes());
    }

    List<Request> requests() {
        return requests;
    }

    Workload work() {
        return work;
    }

    Peer peer() {
        return peer;
    }

    boolean measures() {
        return measures;
    }

    boolean stopped() {
        return stopped;
    }

    /** A request has ended and starts no other. */
    void leave() {
        left.countDown();
    }

    void fail(Throwable cause) {
        failure.compareAndSet(null, cause);
        stopped = true;
    }

    long nextPlace(SplittableRandom random) {
        long block = work.random() ? random.nextLong(blockCount) : sequence.getAndIncrement() % blockCount;
        return block * work.blockBytes();
    }

    private void throwFailure() {
        Throwable cause = failure.get();
        if (cause != null) {
            throw new IllegalStateException("a request failed", cause);
        }
    }

    private void pause(double seconds) {
        long until = System.nanoTime() + (long) (seconds * 1e9);
        for (long left = until - System.nanoTime();
                left > 0 && failure.get() == null;
                left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
