package io.dmio.app.mirror;

import io.dmio.mirror.MirrorStatus;
import io.dmio.mirror.ScrubMode;
import io.dmio.mirror.ScrubReport;
import reactor.core.publisher.Mono;

/**
 * What can be done with a mirror while it runs, wherever that is: in this process, or in a server that is asked. Like the methods of
 * {@link io.dmio.mirror.MirrorDevice}, except that legs are named as users name them. Refusals are {@link IllegalArgumentException}s or
 * {@link io.dmio.DeviceException}s, with what to do.
 */
interface Steering {

    Mono<MirrorStatus> status();

    /** Returns a Mono that completes when all legs that are there have everything; never while one is down. */
    Mono<Void> resync();

    /** Compares the legs; empty if a server does it, and is not waited for. */
    Mono<ScrubReport> scrub(ScrubMode mode);

    /**
     * Opens a leg and adds it; one that is missing becomes a file.
     *
     * @param leg a path or an NBD URI
     * @param force whether what it holds may be overwritten
     * @return a Mono of its index, once it is on record
     */
    Mono<Integer> add(String leg, boolean force);

    /** Takes a leg out for good, and closes it. */
    Mono<Void> remove(int leg);

    /** As {@link #add}, and {@link #remove} once the new one has everything. */
    Mono<Integer> replace(int old, String leg, boolean force);

    /** Makes a leg an image of its own, and closes it. */
    Mono<Void> split(int leg);

    /** Closes what was opened here; a server that was asked goes on. */
    Mono<Void> close();
}
