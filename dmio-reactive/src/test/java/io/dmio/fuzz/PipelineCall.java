package io.dmio.fuzz;

import io.dmio.IoRequest;
import io.dmio.IoResult;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A stream of requests. */
final class PipelineCall extends Call<IoResult> {

    private final List<Asked> asked = new ArrayList<>();
    private final List<IoRequest> requests = new ArrayList<>();
    private final List<Boolean> over = new ArrayList<>();
    private final Source<IoRequest> source;
    private final boolean accepted;
    private final boolean inOrder;
    private int results;

    private PipelineCall(World world) {
        super(world);
        Draw draw = world.draw();
        for (int count = draw.below(5); count > 0; count--) {
            Asked one = Asked.any(world);
            asked.add(one);
            requests.add(one.request());
            over.add(false);
        }
        this.source = new Source<>(requests, this::begins, draw.oneIn(8));
        this.accepted = world.isOpen();
        this.inOrder = draw.oneIn(2);
    }

    static void start(World world) {
        PipelineCall call = new PipelineCall(world);
        world.add(call);
        var drawn = call.source.drawn(world.draw());
        call.run(
                call.inOrder ? world.io().runInOrder(drawn) : world.io().run(drawn),
                world.draw().below(5));
    }

    private void begins(IoRequest request) {
        asked.get(requests.indexOf(request)).begin();
    }

    @Override
    void step() {
        if (world.draw().oneIn(2)) {
            pull(1 + world.draw().below(3));
        } else {
            source.step();
        }
    }

    @Override
    boolean goOn() {
        pull(1);
        source.step();
        return true;
    }

    @Override
    void value(IoResult result) {
        int index = requests.indexOf(result.request());
        if (index < 0 || over.get(index) || (inOrder && over.lastIndexOf(true) > index)) {
            World.fault("result " + results + " of " + this + " is that of request " + index);
            return;
        }
        results++;
        over.set(index, true);
        asked.get(index).ended(result.errorBits());
    }

    @Override
    void end(@Nullable Throwable failure) {
        boolean foreseen = failure == null
                || failure instanceof Source.SourceFailure
                || world.refuses(failure, accepted)
                || world.wasShrunk();
        if (!foreseen) {
            World.fault(failure + " from " + this);
        }
        boolean all = failure == null || failure instanceof Source.SourceFailure;
        if (all && results != source.given()) {
            World.fault(results + " results for " + source.given() + " requests of " + this);
        }
        drained();
    }

    @Override
    void drained() {
        for (int i = 0; i < asked.size(); i++) {
            if (i >= source.given()) {
                asked.get(i).dropped();
            } else if (!over.get(i)) {
                asked.get(i).drained();
            }
        }
    }

    @Override
    public String toString() {
        return "a pipeline of " + asked;
    }
}
