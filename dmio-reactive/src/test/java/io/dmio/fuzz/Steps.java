package io.dmio.fuzz;

import java.time.Duration;
import java.util.List;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What an input can do next. */
final class Steps {

    private static final Duration LOOK = Duration.ofMillis(50);

    private Steps() {}

    static void one(World world) {
        Draw draw = world.draw();
        switch (draw.below(16)) {
            case 0, 1, 2, 3, 4 -> RequestCall.start(world);
            case 5, 6, 7 -> world.disks().get(draw.below(world.disks().size())).answer(draw);
            case 8 -> cancel(world);
            case 9 -> Pages.any(world);
            case 10 -> StreamInCall.start(world);
            case 11 -> StreamOutCall.start(world);
            case 12 -> PipelineCall.start(world);
            case 13 -> CopyCall.start(world);
            case 14 -> VirtualTimeScheduler.get().advanceTimeBy(LOOK);
            default -> goOn(world);
        }
    }

    private static void cancel(World world) {
        List<Call<?>> open = open(world);
        if (!open.isEmpty()) {
            open.get(world.draw().below(open.size())).cancel();
        }
    }

    private static void goOn(World world) {
        List<Call<?>> open = open(world);
        if (!open.isEmpty()) {
            open.get(world.draw().below(open.size())).step();
        }
    }

    private static List<Call<?>> open(World world) {
        return world.calls().stream().filter(Call::isOpen).toList();
    }
}
