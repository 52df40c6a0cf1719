package io.dmio.stress;

import io.dmio.concurrent.Completion;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Whoever waits, before or after the end, is told of it once, and sees what was written before it. */
@JCStressTest
@Outcome(id = "11, 11", expect = Expect.ACCEPTABLE, desc = "each is told once, whether it came before or after, and sees it")
@Outcome(expect = Expect.FORBIDDEN, desc = "somebody waits for ever, is told twice, or sees what was before")
@State
public class CompletionStress {

    private final Completion end = new Completion();
    private int written; // before the end
    private int first;
    private int second;

    @Actor
    public void ends() {
        written = 1;
        end.end(null);
    }

    @Actor
    public void waits() {
        end.await().subscribe(never -> {}, failed -> {}, () -> first += 10 + written);
    }

    @Arbiter
    public void seen(II_Result result) {
        end.await().subscribe(never -> {}, failed -> {}, () -> second += 10 + written);
        result.r1 = first;
        result.r2 = second;
    }
}
