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
 * Asks something of every leg at once, holding pages, and merges the answers into error bits, as {@code dec_count} does
 * (dm-io.c). Both ways of a request end here: every failure of a leg, whatever it is and however it comes, is the leg's bit
 * and stops nothing else ({@link Answer}); memory and pages are given back, and the result told, when the last has answered.
 */
abstract class FanIn extends BudgetedRun<ErrorBits> {

    // guarded by this; read when all have answered
    private ErrorBits failed = ErrorBits.NONE;
    private long failedBits; // also of those for whose cause there was no memory

    FanIn(PageBudget budget, int pages, Ticket ticket, CoreSubscriber<? super ErrorBits> actual) {
        super(budget.account(), pages, ticket, actual);
    }

    /**
     * Assembles what is asked of a leg; may throw whatever it likes. Called once for each, in their order.
     *
     * @return completes, with or without error bits, or errors
     */
    abstract Mono<?> assemble(int leg);

    /** The bit of a leg. */
    abstract int bit(int leg);

    /** A leg failed: leaves zeroes where it should have read. */
    abstract void zero(int leg);

    /** Why a leg failed. */
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

    // The I/O was done, so whatever is wrong now is told in bits, too.
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
            // Its bit is set, which is what must not be lost; there is no memory for the cause.
        }
    }

    private synchronized void told(ErrorBits bits) {
        failed = failed.or(bits);
    }

    /** Where one leg's answer arrives. */
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
            boolean last = leg == of.parts() - 1; // the others run meanwhile
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
