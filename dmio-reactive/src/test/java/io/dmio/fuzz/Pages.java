package io.dmio.fuzz;

import org.jspecify.annotations.Nullable;

/** Pages taken back, or a client closed: ends when they have come back. */
final class Pages extends Call<Void> {

    private final boolean possible;

    private Pages(World world, boolean possible) {
        super(world);
        this.possible = possible;
    }

    /** Gets some, puts some, or closes. */
    static void any(World world) {
        Draw draw = world.draw();
        int pages = 1 + draw.below(3);
        switch (draw.below(8)) {
            case 0, 1, 2, 3 -> {
                if (!world.isClosed()) {
                    world.get(pages);
                }
            }
            case 7 -> {
                if (draw.oneIn(4)) {
                    world.close();
                    Pages close = new Pages(world, true);
                    world.add(close);
                    close.run(world.io().close(), Long.MAX_VALUE);
                }
            }
            default -> {
                Pages put = new Pages(world, world.put(pages));
                world.add(put);
                put.run(world.io().put(pages), Long.MAX_VALUE);
            }
        }
    }

    @Override
    void value(Void never) {
        World.fault("a value where none can be");
    }

    @Override
    void end(@Nullable Throwable failure) {
        if (possible ? failure != null : !(failure instanceof IllegalStateException)) {
            World.fault(this + " ended with " + failure);
        }
    }

    @Override
    void drained() {}

    @Override
    public String toString() {
        return "a put, possible: " + possible;
    }
}
