package io.dmio.budget;

import org.jspecify.annotations.Nullable;

/**
 * What a claim on a {@link PageAccount} shows at the entrance: for what it may still be refused, and what it is a part of.
 *
 * @param needsOpen whether it is refused if the budget is closed or has no pages
 * @param needsRoom whether it is refused if too many wait
 * @param part what was accepted before and goes on with this claim; null for something of its own
 */
public record Ticket(boolean needsOpen, boolean needsRoom, PendingPuts.@Nullable Phase part) {

    /** A request. */
    public static final Ticket NEW = new Ticket(true, true, null);

    /** A part of a stream or pipeline that has had its turn, so its place in the queue is paid for. */
    public static final Ticket SEATED = new Ticket(true, false, null);

    /** A claim that waits for a page and takes none. */
    public static final Ticket TURN = new Ticket(false, false, null);

    /**
     * Returns the ticket of a further part of something accepted: never refused, and a put or close that waits for the whole waits for it,
     * too.
     */
    static Ticket partOf(PendingPuts.Phase accepted) {
        return new Ticket(false, false, accepted);
    }
}
