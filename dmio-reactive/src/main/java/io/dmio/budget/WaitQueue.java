package io.dmio.budget;

import org.jspecify.annotations.Nullable;

/**
 * A queue, first in, first out, that also removes from the middle in constant time: a withdrawn claim must not stay in a queue that does not
 * move. Linked through the claims themselves. Guarded by its budget.
 */
final class WaitQueue {

    private @Nullable BudgetClaim first;
    private @Nullable BudgetClaim last;
    private int size;

    void add(BudgetClaim claim) {
        claim.inLine = true;
        claim.before = last;
        if (last == null) {
            first = claim;
        } else {
            last.after = claim;
        }
        last = claim;
        size++;
    }

    boolean remove(BudgetClaim claim) {
        if (!claim.inLine) {
            return false;
        }
        claim.inLine = false;
        if (claim.before == null) {
            first = claim.after;
        } else {
            claim.before.after = claim.after;
        }
        if (claim.after == null) {
            last = claim.before;
        } else {
            claim.after.before = claim.before;
        }
        claim.before = null;
        claim.after = null;
        size--;
        return true;
    }

    @Nullable
    BudgetClaim first() {
        return first;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }
}
