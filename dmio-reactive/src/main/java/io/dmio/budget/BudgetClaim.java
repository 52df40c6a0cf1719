package io.dmio.budget;

import org.jspecify.annotations.Nullable;

/**
 * A claim on a {@link PageAccount}, and its own link in the waiting queue. The budget decides, under its lock, whether a claim is granted or
 * withdrawn: exactly one of the two happens, so no page is lost between a grant and a cancel.
 */
abstract class BudgetClaim {

    final int pages;
    protected final Ticket ticket;

    // guarded by the budget
    @Nullable
    BudgetClaim before;

    @Nullable
    BudgetClaim after;

    boolean inLine;

    PendingPuts.@Nullable Phase phase; // from when the claim is accepted to when it is over

    BudgetClaim(int pages, Ticket ticket) {
        if (pages < 1) {
            throw new IllegalArgumentException(pages + " pages: at least 1");
        }
        this.pages = pages;
        this.ticket = ticket;
    }

    /** Called when the pages are held; without the lock, never from inside another grant. */
    abstract void granted();

    /** Called when the claim is refused for good: the budget is closed, has no pages, or its queue was full. */
    abstract void refused(RuntimeException why);
}
