package io.dmio;

import io.dmio.budget.BudgetedRun;
import io.dmio.budget.Ticket;
import io.dmio.concurrent.Answer;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * A run that asks all legs at once while it holds pages, and merges their answers into error bits, as {@code dec_count} does (dm-io.c). Both
 * ways of a request end here. Every failure of a leg, of any kind and however it comes, sets the leg's bit and stops nothing else
 * ({@link Answer}). When the last leg has answered, memory and pages are given back, and the result is told.
 */
abstract class FanIn extends BudgetedRun<ErrorBits> {

    // guarded by this; read when all have answered
    private ErrorBits failed = ErrorBits.NONE;
    private long failedBits; // includes legs for whose cause there was no memory

    FanIn(PageBudget budget, int pages, Ticket ticket, CoreSubscriber<? super ErrorBits> actual) {
        super(budget.account(), pages, ticket, actual);
    }

    /**
     * Assembles the operation of a leg; may throw anything. Called once for each leg, in their order.
     *
     * @return a Mono that completes, with or without error bits, or errors
     */
    abstract Mono<?> assemble(int leg);

    /** Returns the error bit of a leg. */
    abstract int bit(int leg);

    /** Leaves zeroes where a failed leg should have read. */
    abstract void zero(int leg);

    /** Returns why a leg failed. */
    abstract DeviceException cause(int leg, Throwable thrown);

    /** Gives back what was held; throws if code that did not own it has done so before. */
    abstract void letGo();

    @Override
    protected final void start() {
        int legs = parts();
        for (int leg = 0; leg < legs; leg++) {
            LegAnswer answer;
            try {
                answer = new LegAnswer(this, leg);
            } catch (Throwable noMemory) {
                answered(leg, noMemory);
                continue;
            }
            answer.ask();
        }
    }

    // The I/O is done, so a failure from here on is told in bits, too.
    @Override
    protected final ErrorBits end() {
        try {
            letGo();
        } catch (Throwable misused) {
            for (int leg = 0; leg < parts(); leg++) {
                note(leg, misused);
            }
        }
        long withoutCause = failedBits & ~failed.toLong();
        return withoutCause == 0 ? failed : failed.or(ErrorBits.ofBits(withoutCause));
    }

    private void answered(int leg, @Nullable Throwable thrown) {
        try {
            if (thrown != null) {
                note(leg, thrown);
            }
        } finally {
            arrived();
        }
    }

    private void note(int leg, Throwable thrown) {
        synchronized (this) {
            failedBits |= 1L << bit(leg);
        }
        try {
            zero(leg);
        } catch (Throwable gone) {
            // The memory was released by code that did not own it: there is nothing to zero.
        }
        try {
            told(ErrorBits.of(bit(leg), cause(leg, thrown)));
        } catch (Throwable again) {
            // The bit, which must not be lost, is set; there is no memory for the cause.
        }
    }

    private synchronized void told(ErrorBits bits) {
        failed = failed.or(bits);
    }

    /** Receives one leg's answer. */
    private static final class LegAnswer extends Answer implements Scannable {

        private final FanIn of;
        private final int leg;

        LegAnswer(FanIn of, int leg) {
            this.of = of;
            this.leg = leg;
        }

        @Override
        protected Mono<?> assemble() {
            return of.assemble(leg);
        }

        @Override
        public Context currentContext() {
            Context context = of.actual.currentContext();
            boolean last = leg == of.parts() - 1; // only it gets the lent thread: the others run meanwhile
            return last || context.isEmpty() ? context : LentThread.withdraw(context);
        }

        @Override
        @SuppressWarnings("rawtypes") // as Reactor declares it
        public @Nullable Object scanUnsafe(Attr key) {
            return key.equals(Attr.ACTUAL) ? of.actual : null;
        }

        @Override
        public void onNext(Object value) {
            if (value instanceof ErrorBits bits) {
                of.told(bits);
            }
        }

        @Override
        protected void ended(@Nullable Throwable failure) {
            of.answered(leg, failure);
        }
    }
}
