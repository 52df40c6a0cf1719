package io.dmio;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * A number of pages that may be in flight at once, and a line of those that wait for them; what {@code dm_io_get/put} and
 * their mempool are to the kernel. First come, first served: nobody overtakes, so nobody starves, however large the first
 * in line. Pages are given back <i>before</i> the result is signalled, so work started from a completion finds them. Safe
 * for concurrent use; one budget per level of a stack, since two levels that share one can wait for each other for ever.
 */
public final class PageBudget {

    /** How many may wait unless said otherwise. */
    public static final int WAITERS_MAX = 1_000_000;

    private final int waitersMax;
    private final DrainLoop grants = new DrainLoop(this::grantNext);

    // all guarded by this
    private final WaitLine line = new WaitLine();
    private final List<Shrink> shrinks = new ArrayList<>(0);
    private int capacity;
    private int inUse;
    private int holds;
    private boolean closed;

    /**
     * A full budget.
     *
     * @param pages how many pages, at least 1
     * @param waitersMax how many may wait; the next one is refused
     */
    public PageBudget(int pages, int waitersMax) {
        this(waitersMax);
        grow(pages);
    }

    /** An empty budget that somebody will {@link #grow}. */
    PageBudget(int waitersMax) {
        if (waitersMax < 0) {
            throw new IllegalArgumentException("waitersMax " + waitersMax + " is negative");
        }
        this.waitersMax = waitersMax;
    }

    /**
     * Adds pages, at once.
     *
     * @param pages at least 1
     * @throws IllegalArgumentException if the number is not positive or the sum does not fit an {@code int}; nothing is
     *     added
     * @throws IllegalStateException after {@link #close}
     */
    public void grow(int pages) {
        synchronized (this) {
            if (closed) {
                throw closedException();
            }
            if (pages < 1 || capacity > Integer.MAX_VALUE - pages) {
                throw new IllegalArgumentException(pages + " more pages than " + capacity + ": at least 1, and at most "
                        + Integer.MAX_VALUE + " together");
            }
            capacity += pages;
        }
        grants.run();
    }

    /**
     * Takes pages away: at once from what may be granted, and completes when that many have come back. Work that was
     * accepted while the budget was larger still runs, alone if need be; taking the last page waits for all of it.
     *
     * @param pages at least 1
     * @return completes when no more pages are in use than the budget then has; errors with
     *     {@link IllegalStateException} if the budget has fewer pages, and nothing is taken
     */
    public Mono<Void> shrink(int pages) {
        if (pages < 1) {
            throw new IllegalArgumentException(pages + " pages: at least 1");
        }
        return Mono.create(sink -> {
            int has;
            synchronized (this) {
                has = capacity;
                if (pages <= has) {
                    capacity -= pages;
                    shrinks.add(new Shrink(capacity, sink));
                }
            }
            if (pages > has) {
                sink.error(new IllegalStateException("cannot put " + pages + " pages: only " + has + " were got"));
            } else {
                settle();
            }
        });
    }

    /**
     * Refuses new work from now on and waits for what was accepted; closing again waits for the same end.
     *
     * @return completes when no page is in use and nobody waits
     */
    public Mono<Void> close() {
        return Mono.create(sink -> {
            synchronized (this) {
                closed = true;
                shrinks.add(new Shrink(0, sink));
            }
            settle();
        });
    }

    /**
     * Runs work while holding pages. Cancelled while waiting, the work never starts; once started, it runs out whoever
     * still listens, and the pages are held until it ends.
     *
     * @param pages how many, at least 1; more than the whole budget is granted when nothing else is in use
     * @param work called and subscribed once the pages are granted, on the thread that frees them or the subscriber's
     * @param <T> the result
     * @return the work's result, after the pages were given back; errors with an overflow
     *     ({@link Exceptions#isOverflow}) if too many wait already, and with {@link IllegalStateException} if the budget
     *     has no pages or is closed
     */
    public <T> Mono<T> use(int pages, Supplier<Mono<T>> work) {
        return new BudgetedWork<>(this, pages, work, false);
    }

    /** As {@link #use} for a further part of something accepted before: never refused. */
    <T> Mono<T> useMore(int pages, Supplier<Mono<T>> work) {
        return new BudgetedWork<>(this, pages, work, true);
    }

    /** Completes once a page is free and nobody waits in front; holds nothing. */
    <T> Mono<T> turn() {
        return new BudgetedWork<>(this, 1, Mono::empty, true);
    }

    /**
     * Pages the budget has.
     *
     * @return a snapshot
     */
    public synchronized int capacity() {
        return capacity;
    }

    /**
     * Pages granted and not yet back.
     *
     * @return a snapshot
     */
    public synchronized int inUse() {
        return inUse;
    }

    /**
     * How many wait.
     *
     * @return a snapshot
     */
    public synchronized int waiting() {
        return line.size();
    }

    /** Throws what new work would be refused with; else returns the capacity. */
    synchronized int checkOpen() {
        if (closed || capacity == 0) {
            throw closed ? closedException() : noPagesException();
        }
        return capacity;
    }

    /** Work made of many claims: it is not over before its end, even where it holds no page just now. */
    <T> Mono<T> holding(Supplier<Mono<T>> work) {
        return Mono.using(this::hold, held -> work.get(), PageBudget::unhold);
    }

    private synchronized PageBudget hold() {
        checkOpen();
        holds++;
        return this;
    }

    private void unhold() {
        synchronized (this) {
            holds--;
        }
        settle();
    }

    /** Grants at once if nobody waits and the pages are free, else queues; refuses when the line is full. */
    void claim(BudgetClaim claim, boolean accepted) {
        RuntimeException refusal;
        synchronized (this) {
            boolean free = line.isEmpty() && fits(claim);
            refusal = accepted ? null : refusal(free);
            if (refusal == null && !free) {
                line.add(claim);
                return;
            }
            if (refusal == null) {
                inUse += claim.pages;
            }
        }
        if (refusal == null) {
            claim.granted();
        } else {
            claim.refused(refusal);
        }
    }

    /** Takes a claim out of the line, unless it was granted already: then its owner gives the pages back. */
    void withdraw(BudgetClaim claim) {
        boolean waited;
        synchronized (this) {
            waited = line.remove(claim);
        }
        if (waited) {
            grants.run(); // those behind a large claim may fit now
            settle();
        }
    }

    /** Gives granted pages back, then serves the line. */
    void release(int pages) {
        synchronized (this) {
            inUse -= pages;
            if (line.isEmpty() && shrinks.isEmpty()) { // who comes later sees for himself
                return;
            }
        }
        grants.run();
        settle();
    }

    private boolean grantNext() {
        BudgetClaim next;
        synchronized (this) {
            next = line.first();
            if (next == null || !fits(next)) {
                return false;
            }
            line.remove(next);
            inUse += next.pages;
        }
        next.granted();
        return true;
    }

    // A claim larger than what is left after a shrink was accepted when it fitted: it runs alone rather than never.
    private boolean fits(BudgetClaim claim) {
        return claim.pages <= capacity - inUse || inUse == 0;
    }

    private @Nullable RuntimeException refusal(boolean free) {
        if (closed || capacity == 0) {
            return closed ? closedException() : noPagesException();
        }
        return free || line.size() < waitersMax
                ? null
                : Exceptions.failWithOverflow(
                        waitersMax + " requests wait for pages already, and no more may (waitersMax)");
    }

    private static IllegalStateException noPagesException() {
        return new IllegalStateException(
                "no pages: call get(pages) before any I/O, as dm_io_get; 256 pages keep 1 MiB in flight");
    }

    private static IllegalStateException closedException() {
        return new IllegalStateException("closed: no I/O is taken any more");
    }

    /** Tells the shrinks that are through. */
    private void settle() {
        List<Shrink> ended;
        synchronized (this) {
            if (shrinks.isEmpty()) {
                return;
            }
            boolean idle = inUse == 0 && holds == 0 && line.isEmpty();
            ended = shrinks.stream()
                    .filter(s -> idle || (s.capacity > 0 && inUse <= Math.max(s.capacity, capacity)))
                    .toList();
            shrinks.removeAll(ended);
        }
        ended.forEach(shrink -> shrink.sink.success());
    }

    /** Waits until no more than {@code capacity} pages are in use; at 0 until nothing is left to do. */
    private record Shrink(int capacity, MonoSink<Void> sink) {}
}
