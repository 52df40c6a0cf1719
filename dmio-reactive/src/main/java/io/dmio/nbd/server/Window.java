package io.dmio.nbd.server;

import io.dmio.Sectors;

/**
 * What one client has in flight: requests from their header to their answer, and pages until the answer has left. Owned by its event loop.
 */
final class Window {

    private final SessionLimits limits;
    private final ServerPages shared;
    private final Runnable granted; // from any thread
    private int requests;
    private int pages;
    private boolean stands; // in line, with no pages
    private boolean isShort; // something was refused since pages were given back

    Window(SessionLimits limits, ServerPages shared, Runnable granted) {
        this.limits = limits;
        this.shared = shared;
        this.granted = granted;
    }

    int requests() {
        return requests;
    }

    boolean holdsPages() {
        return pages > 0;
    }

    /** Returns whether nothing is in flight, and all pages are back. */
    boolean isEmpty() {
        return requests == 0 && pages == 0;
    }

    /** Returns whether it holds pages that others could have. */
    boolean holdsCommon() {
        return common(pages) > 0;
    }

    boolean mayBegin() {
        return requests < limits.requestsMax();
    }

    /** Returns the bytes of the client's own pages, whatever others have. */
    long ownBytes() {
        return (long) shared.own() * Sectors.PAGE_BYTES;
    }

    /** Returns whether it stands in line, or was called and has not come. */
    boolean stands() {
        return stands;
    }

    /** Takes room for a request; one that is larger than the window goes alone. A client that has no pages stands in line for it. */
    boolean take(long bytes) {
        return take(bytes, pages == 0);
    }

    /** As {@link #take(long)}, but stands in no line. */
    boolean takeNow(long bytes) {
        return take(bytes, false);
    }

    private boolean take(long bytes, boolean mayStand) {
        int more = pagesOf(bytes);
        boolean within = pages == 0 || Sectors.PAGE_BYTES * (long) (pages + more) <= limits.bytesMax();
        int common = common(pages + more) - common(pages);
        if (!within || (common > 0 && !shared.take(this, common, mayStand))) {
            stands = mayStand;
            isShort = true;
            return false;
        }
        stands = false;
        pages += more;
        requests++;
        return true;
    }

    /** Called when a request is over. */
    void end() {
        requests--;
    }

    /**
     * Gives the pages of a request back.
     *
     * @return whether this client waited for them
     */
    boolean give(long bytes) {
        int back = pagesOf(bytes);
        boolean waited = isShort;
        isShort = false;
        int common = common(pages) - common(pages - back);
        pages -= back;
        if (common > 0) {
            shared.give(common);
        }
        return waited;
    }

    /** Takes nothing more. */
    void close() {
        stands = false;
        shared.withdraw(this);
    }

    /** Called when what was refused may be asked for again. From any thread. */
    void granted() {
        granted.run();
    }

    /** Returns how many of the pages are not the client's own. */
    private int common(int of) {
        return Math.max(0, of - shared.own());
    }

    private static int pagesOf(long bytes) {
        return (int) Sectors.pagesOf(bytes);
    }
}
