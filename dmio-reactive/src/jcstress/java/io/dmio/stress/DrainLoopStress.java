package io.dmio.stress;

import io.dmio.concurrent.DrainLoop;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** What a step writes to plain fields, on whichever thread it runs, the next step finds, on whichever that runs. */
@JCStressTest
@Outcome(id = "2, 3", expect = Expect.ACCEPTABLE, desc = "all steps ran, one after the other")
@Outcome(expect = Expect.FORBIDDEN, desc = "a step was lost, or ran beside another, or did not see what one before it wrote")
@State
public class DrainLoopStress {

    private final ConcurrentLinkedQueue<Integer> work = new ConcurrentLinkedQueue<>();
    private final DrainLoop loop = new DrainLoop(this::step);
    private int steps; // the loop's own
    private int sum;

    private boolean step() {
        Integer next = work.poll();
        if (next != null) {
            steps++;
            sum += next;
        }
        return next != null;
    }

    private void offer(int one) {
        work.offer(one);
        loop.run();
    }

    @Actor
    public void first() {
        offer(1);
    }

    @Actor
    public void second() {
        offer(2);
    }

    @Arbiter
    public void seen(II_Result result) {
        result.r1 = steps;
        result.r2 = sum;
    }
}
