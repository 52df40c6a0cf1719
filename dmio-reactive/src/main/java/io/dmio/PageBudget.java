package io.dmio;

import io.dmio.budget.BudgetedWork;
import io.dmio.budget.PageAccount;
import io.dmio.budget.Ticket;
import java.util.function.Function;
import java.util.function.Supplier;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

/**
 * A number of pages that may be in flight at once, and a queue of those that wait for them; the counterpart of
 * {@code dm_io_get/put} and their mempool. First come, first served: nothing overtakes, so nothing starves, however large the
 * first in the queue is. Pages are given back <i>before</i> the result is signalled, so work started from a completion finds
 * them. Safe for concurrent use. Use one budget per level of a stack: two levels that share one can wait for each other for
 * ever.
 */
public final class PageBudget {

    /** The default limit on how many may wait. */
    public static final int WAITERS_MAX = 1_000_000;

    private final PageAccount account;

    /**
     * Creates a full budget.
     *
     * @param pages how many pages, at least 1
     * @param waitersMax how many may wait; the next one is refused
     */
    public PageBudget(int pages, int waitersMax) {
        account = new PageAccount(pages, waitersMax);
    }

    /** Creates an empty budget, to be {@linkplain #grow grown}. */
    PageBudget(int waitersMax) {
        account = new PageAccount(waitersMax);
    }

    /**
     * Adds pages, with immediate effect.
     *
     * @param pages at least 1
     * @throws IllegalArgumentException if the number is not positive or the sum does not fit an {@code int}; nothing is added
     * @throws IllegalStateException after {@link #close}
     */
    public void grow(int pages) {
        account.grow(pages);
    }

    /**
     * Takes pages away. At once they are no longer granted; the Mono completes when that many have come back, or a later
     * {@link #grow} has made up for them. Work that was accepted while the budget was larger still runs, alone if need be.
     * Taking the last page waits for all that was accepted before, whatever comes after.
     *
     * @param pages at least 1
     * @return a Mono that completes when no more pages are in use than the budget has after this call, or has now; after the
     *     last page, when all that was accepted before is over; errors with {@link IllegalStateException} if the budget has
     *     fewer pages, and nothing is taken
     */
    public Mono<Void> shrink(int pages) {
        return account.shrink(pages);
    }

    /**
     * Refuses new work from now on and waits for what was accepted; closing again waits for the same end.
     *
     * @return a Mono that completes when all that was accepted is over
     */
    public Mono<Void> close() {
        return account.close();
    }

    /**
     * Runs work while holding pages. If it is cancelled while it waits, the work never starts; once started, it runs to its end
     * even if it is cancelled, and the pages are held until then.
     *
     * @param pages how many, at least 1; more than the whole budget is granted when nothing else is in use
     * @param work called and subscribed once the pages are granted, on the thread that frees them or the subscriber's
     * @param <T> the type of the result
     * @return a Mono of the work's result, after the pages were given back; errors with an overflow
     *     ({@link Exceptions#isOverflow}) if too many wait already, and with {@link IllegalStateException} if the budget has no
     *     pages or is closed
     */
    public <T> Mono<T> use(int pages, Supplier<Mono<T>> work) {
        return new BudgetedWork<>(account, pages, work, Ticket.NEW);
    }

    /** Returns a Mono that completes once a page is free and nobody waits in front; holds nothing. */
    <T> Mono<T> turn() {
        return turn(Ticket.TURN);
    }

    /** As {@link #turn()}, for a part of something that was accepted. */
    <T> Mono<T> turn(Ticket ticket) {
        return new BudgetedWork<>(account, 1, Mono::empty, ticket);
    }

    /**
     * Returns how many pages the budget has.
     *
     * @return a snapshot
     */
    public int capacity() {
        return account.capacity();
    }

    /**
     * Returns how many pages are granted and not yet back.
     *
     * @return a snapshot
     */
    public int inUse() {
        return account.inUse();
    }

    /**
     * Returns how many wait for pages.
     *
     * @return a snapshot
     */
    public int waiting() {
        return account.waiting();
    }

    /** Returns the capacity, or throws what new work would be refused with. */
    int checkOpen() {
        return account.checkOpen();
    }

    /** Runs work that makes many claims, each with the ticket it is given. It counts as running to its end, even while it holds no page. */
    <T> Mono<T> holding(Function<Ticket, Mono<T>> work) {
        return account.holding(work);
    }

    /** Returns the account, for work that holds pages of this budget. */
    PageAccount account() {
        return account;
    }
}
