package io.dmio.bench.peers;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.HdrHistogram.Histogram;

/**
 * One of the {@code depth} requests in flight, used again and again; its fields belong to the thread that ended its last
 * leg. Two blocks alternate, so that no write sends the bytes of the one before it.
 */
final class Request {

    private static final int PLACES_KEPT = 16;

    private final Drive drive;
    private final int number;
    private final SplittableRandom random;
    private final AtomicInteger legsToGo = new AtomicInteger();
    private final AtomicInteger turns = new AtomicInteger();
    private final Histogram nanos = new Histogram(60_000_000_000L, 3);
    private final long[] places = new long[PLACES_KEPT];
    private int placesTaken;
    private boolean underWay;
    private boolean second;
    private long began;

    Request(Drive drive, int number) {
        this.drive = drive;
        this.number = number;
        this.random = new SplittableRandom(3L + number);
    }

    /** Which of the setting's blocks it moves. */
    int block() {
        return 2 * number + (second ? 1 : 0);
    }

    /** Takes the next place, in bytes; once per start. A peer that must keep the order calls it under its lock. */
    long place() {
        long place = drive.nextPlace(random);
        places[placesTaken++ % PLACES_KEPT] = place;
        return place;
    }

    /** The places of the last few requests, the newest among them. */
    LongStream lastPlaces() {
        return Arrays.stream(places, 0, Math.min(placesTaken, PLACES_KEPT));
    }

    long lastPlace() {
        return places[(placesTaken - 1) % PLACES_KEPT];
    }

    /** Of the requests that ended while it was measured. */
    Histogram nanos() {
        return nanos;
    }

    /** One leg has moved that many bytes. */
    void legEnded(long bytes) {
        if (bytes != drive.work().blockBytes()) {
            failed(new IllegalStateException(bytes + " of " + drive.work().blockBytes() + " bytes moved"));
        } else if (legsToGo.decrementAndGet() == 0) {
            turn();
        }
    }

    /** All legs have. */
    void ended() {
        turn();
    }

    void failed(Throwable cause) {
        drive.fail(cause);
    }

    /** Starts the first; later ones start when the one before has ended. */
    void begin() {
        turn();
    }

    // A peer that ends inside start() would recurse once per request: the outermost call takes all turns instead.
    private void turn() {
        if (turns.getAndIncrement() > 0) {
            return;
        }
        do {
            long now = System.nanoTime();
            if (underWay && drive.measures()) {
                nanos.recordValue(Math.min(now - began, nanos.getHighestTrackableValue()));
            }
            if (drive.stopped()) {
                drive.leave();
                return;
            }
            underWay = true;
            began = now;
            second = !second;
            legsToGo.set(drive.work().legs());
            drive.peer().start(this);
        } while (turns.decrementAndGet() > 0);
    }
}
