package io.dmio.budget;

import io.dmio.concurrent.DrainLoop;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * The pages of a budget: how many there are, how many are in use, and the queue of claims that wait for some. First come, first served: no
 * claim overtakes, so none starves, however large the first in the queue is. Pages are given back <i>before</i> the result is signalled, so
 * work started from a completion finds them. Safe for concurrent use.
 */
public final class PageAccount {

    private final int waitersMax;
    private final DrainLoop grants = new DrainLoop(this::grantNext);

    // all guarded by this
    private final WaitQueue queue = new WaitQueue();
    private final PendingPuts puts = new PendingPuts();
    private int capacity;
    private int inUse;
    private boolean closed;

    /** Creates an account with pages. */
    public PageAccount(int pages, int waitersMax) {
        this(waitersMax);
        grow(pages);
    }

    /** Creates an empty account, to be {@linkplain #grow grown}. */
    public PageAccount(int waitersMax) {
        if (waitersMax < 0) {
            throw new IllegalArgumentException("waitersMax " + waitersMax + " is negative");
        }
        this.waitersMax = waitersMax;
    }

    /** Adds pages at once; refuses a sum that does not fit an {@code int}, and any after {@link #close}. */
    public void grow(int pages) {
        List<MonoSink<Void>> ended;
        synchronized (this) {
            if (closed) {
                throw Refusal.closed();
            }
            if (pages < 1 || capacity > Integer.MAX_VALUE - pages) {
                throw new IllegalArgumentException(pages + " more pages than " + capacity + ": at least 1, and at most "
                        + Integer.MAX_VALUE + " together");
            }
            capacity += pages;
            ended = puts.takeEnded(inUse, capacity);
        }
        grants.run();
        PendingPuts.tell(ended);
    }

    /** Takes pages away; completes when that many have come back, or, if none is left, when all that was accepted before is over. */
    public Mono<Void> shrink(int pages) {
        if (pages < 1) {
            throw new IllegalArgumentException(pages + " pages: at least 1");
        }
        return Mono.create(sink -> {
            int has;
            boolean over = false;
            synchronized (this) {
                has = capacity;
                if (pages <= has) {
                    capacity -= pages;
                    over = isOverAtOnce(capacity, sink);
                }
            }
            if (pages > has) {
                sink.error(new IllegalStateException("cannot put " + pages + " pages: only " + has + " were got"));
            } else if (over) {
                sink.success();
            }
        });
    }

    /** Refuses new work from now on; completes when all accepted work is over. */
    public Mono<Void> close() {
        return Mono.create(sink -> {
            boolean over;
            synchronized (this) {
                closed = true;
                over = isOverAtOnce(0, sink);
            }
            if (over) {
                sink.success();
            }
        });
    }

    // Under the lock. One more put does not end another.
    private boolean isOverAtOnce(int left, MonoSink<Void> sink) {
        puts.add(left, sink);
        return !puts.takeEnded(inUse, capacity).isEmpty();
    }

    public synchronized int capacity() {
        return capacity;
    }

    public synchronized int inUse() {
        return inUse;
    }

    public synchronized int waiting() {
        return queue.size();
    }

    /** Returns the capacity, or throws what new work would be refused with. */
    public synchronized int checkOpen() {
        if (closed || capacity == 0) {
            throw closed ? Refusal.closed() : Refusal.noPages();
        }
        return capacity;
    }

    /** Runs work that makes many claims, each with the ticket it is given. It counts as running to its end, even while it holds no page. */
    public <T> Mono<T> holding(Function<Ticket, Mono<T>> work) {
        return Mono.using(this::hold, held -> work.apply(Ticket.partOf(held)), this::unhold);
    }

    private synchronized PendingPuts.Phase hold() {
        checkOpen();
        return puts.enter(null);
    }

    private void unhold(PendingPuts.Phase held) {
        List<MonoSink<Void>> ended;
        synchronized (this) {
            puts.leave(held);
            ended = puts.takeEnded(inUse, capacity);
        }
        PendingPuts.tell(ended);
    }

    /** Grants a claim at once if nobody waits and the pages are free, else queues it; refuses it only for what its ticket allows. */
    void claim(BudgetClaim claim) {
        RuntimeException refusal;
        synchronized (this) {
            boolean free = queue.isEmpty() && fits(claim);
            refusal = refusal(claim.ticket, free);
            if (refusal == null) {
                claim.phase = puts.enter(claim.ticket.part());
                if (!free) {
                    queue.add(claim);
                    return;
                }
                inUse += claim.pages;
            }
        }
        if (refusal == null) {
            claim.granted();
        } else {
            claim.refused(refusal);
        }
    }

    /** Takes a claim out of the queue, unless it was granted already: then its owner gives the pages back. */
    void withdraw(BudgetClaim claim) {
        List<MonoSink<Void>> ended;
        synchronized (this) {
            if (!queue.remove(claim)) {
                return;
            }
            ended = over(claim);
        }
        grants.run(); // claims behind a large one may fit now
        PendingPuts.tell(ended);
    }

    /** Gives a claim's pages back, then serves the queue. Throws nothing. */
    void release(BudgetClaim claim) {
        List<MonoSink<Void>> ended;
        boolean waited;
        synchronized (this) {
            inUse -= claim.pages;
            ended = over(claim); // before more is granted: a put must not starve behind that
            waited = !queue.isEmpty();
        }
        if (waited) { // a later claim looks for itself
            grants.run();
        }
        PendingPuts.tell(ended);
    }

    private List<MonoSink<Void>> over(BudgetClaim claim) {
        PendingPuts.Phase of = claim.phase;
        if (of != null) {
            claim.phase = null;
            puts.leave(of);
        }
        return puts.takeEnded(inUse, capacity);
    }

    private boolean grantNext() {
        BudgetClaim next;
        synchronized (this) {
            next = queue.first();
            if (next == null || !fits(next)) {
                return false;
            }
            queue.remove(next);
            inUse += next.pages;
        }
        next.granted();
        return true;
    }

    // A claim larger than what is left after a shrink was accepted when it fitted: it runs alone rather than never.
    private boolean fits(BudgetClaim claim) {
        return claim.pages <= capacity - inUse || inUse == 0;
    }

    private @Nullable RuntimeException refusal(Ticket ticket, boolean free) {
        if (ticket.needsOpen() && (closed || capacity == 0)) {
            return closed ? Refusal.closed() : Refusal.noPages();
        }
        return free || !ticket.needsRoom() || queue.size() < waitersMax ? null : Refusal.queueFull(waitersMax);
    }
}
