package io.dmio;

import io.dmio.budget.Ticket;
import java.util.List;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** A step that gives a command without memory: flush, discard or write zeroes. It takes one page, so that these are bounded, too. */
final class CommandStep extends Step {

    private final Function<RequestLeg, BlockOp> command;

    CommandStep(PageBudget budget, Ticket ticket, List<RequestLeg> legs, Function<RequestLeg, BlockOp> command) {
        super(budget, ticket, legs);
        this.command = command;
    }

    @Override
    int pages() {
        return 1;
    }

    @Override
    void hold() {}

    @Override
    void letGo() {}

    @Override
    Mono<?> assemble(RequestLeg leg) {
        BlockDevice device = leg.region().device();
        BlockOp op = command.apply(leg);
        return op.kind() == BlockOp.Kind.FLUSH ? FlushTurn.of(device).flush(device) : device.submit(op);
    }

    @Override
    void zero(RequestLeg leg) {}

    @Override
    DeviceException cause(RequestLeg leg, Throwable thrown) {
        return DeviceException.wrap(leg.info().name(), command.apply(leg), thrown);
    }
}
