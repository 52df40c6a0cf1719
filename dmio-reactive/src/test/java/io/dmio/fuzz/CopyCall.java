package io.dmio.fuzz;

import io.dmio.BlockOp;
import io.dmio.WriteOptions;
import io.dmio.copy.Copy;
import io.dmio.copy.CopyOptions;
import io.dmio.copy.CopyResult;
import io.dmio.copy.CopyService;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A region copied to others, or others zeroed, by a service of its own. */
final class CopyCall extends Call<CopyResult> {

    private final @Nullable Place from;
    private final List<Place> to;
    private final CopyOptions options;
    private final CopyService service;
    private final Deeds reads;
    private final Deeds changes;
    private final Deeds zeroes;
    private final List<Written> writes = new ArrayList<>();
    private @Nullable CopyResult result;

    private CopyCall(World world) {
        super(world);
        Draw draw = world.draw();
        long count = 1L + draw.below(24);
        List<Place> drawn = world.places(2 + draw.below(2));
        List<Place> places = drawn.stream()
                .map(place -> new Place(place.disk(), place.sector(), count))
                .toList();
        this.from = draw.oneIn(4) ? null : places.get(0);
        this.to = places.subList(1, places.size());
        CopyOptions.Sparse sparse = draw.of(CopyOptions.Sparse.values());
        this.options = new CopyOptions(draw.oneIn(2), draw.oneIn(2), sparse, draw.oneIn(2));
        this.service = CopyService.builder()
                .piecePages(1 + draw.below(2))
                .pages(1 + draw.below(4))
                .piecesInFlightMax(1 + draw.below(3))
                .build();
        this.reads = new Deeds(BlockOp.Kind.READ, from == null ? List.of() : List.of(from), false);
        this.changes = new Deeds(BlockOp.Kind.WRITE, to, options.flush());
        this.zeroes = new Deeds(BlockOp.Kind.WRITE_ZEROES, to, false);
    }

    static void start(World world) {
        CopyCall call = new CopyCall(world);
        Copy copy;
        try {
            copy = call.from == null
                    ? call.service.zero(call.to.stream().map(Place::region).toList(), call.options)
                    : call.service.copy(
                            call.from.region(),
                            call.to.stream().map(Place::region).toList(),
                            call.options);
        } catch (IllegalArgumentException overlap) {
            return;
        }
        world.add(call);
        call.begin();
        call.run(copy.run(), Long.MAX_VALUE);
    }

    private void begin() {
        world.begin(reads);
        world.begin(changes);
        world.begin(zeroes);
        Place source = from;
        Content content = source == null ? Content.ZEROES : new Copied(source, reads);
        for (Place place : to) {
            writes.add(place.disk().write(place.sector(), place.count(), content, changes.start()));
        }
    }

    private void over(boolean sure) {
        world.end(reads);
        world.end(changes);
        world.end(zeroes);
        for (int i = 0; i < to.size(); i++) {
            boolean skipped = options.sparse() == CopyOptions.Sparse.SKIP; // zeroes of the source are left out
            writes.get(i)
                    .end(changes.end(), sure && !skipped && !to.get(i).disk().liesAboutWrites());
        }
    }

    @Override
    void value(CopyResult value) {
        result = value;
    }

    @Override
    void end(@Nullable Throwable failure) {
        if (failure != null) {
            over(false);
            World.fault(failure + " from " + this);
            return;
        }
        CopyResult told = World.known(result);
        boolean mayStop = isUnreadable() || to.stream().anyMatch(this::mayBeStopped);
        over(told.isComplete());
        for (int i = 0; i < to.size(); i++) {
            Place place = to.get(i);
            boolean refused = place.isRefused(BlockOp.Kind.WRITE, WriteOptions.NONE);
            boolean may = isUnreadable() || mayBeStopped(place);
            boolean must = refused || world.mustHaveFailed(changes, i) || world.mustHaveFailed(zeroes, i);
            if (told.errors().failed(i) ? !may : must || (!may && !mayStop && !told.isComplete())) {
                World.fault("bit " + i + " of " + this + " is wrong: " + told);
            }
        }
    }

    private boolean mayBeStopped(Place place) {
        return place.isRefused(BlockOp.Kind.WRITE, WriteOptions.NONE) || mayHaveFailed(place);
    }

    private boolean isUnreadable() {
        Place source = from;
        return source != null
                && (source.isRefused(BlockOp.Kind.READ, WriteOptions.NONE) || world.mayHaveFailed(reads, source));
    }

    private boolean mayHaveFailed(Place place) {
        boolean flushed = options.flush() && place.isRefused(BlockOp.Kind.FLUSH, WriteOptions.NONE);
        return flushed || world.mayHaveFailed(changes, place) || world.mayHaveFailed(zeroes, place);
    }

    @Override
    void drained() {
        over(false);
    }

    /** What the source may have held meanwhile. */
    private static final class Copied implements Content {

        private static final int COPIES_OF_COPIES_MAX = 6; // beyond that, at once and in circles, it may be anything

        private static int copies;

        private final Place source;
        private final Deeds reads;

        Copied(Place source, Deeds reads) {
            this.source = source;
            this.reads = reads;
        }

        @Override
        public boolean is(long sector, byte[] found, int at) {
            long from = source.sector() + sector;
            copies++;
            try {
                return copies > COPIES_OF_COPIES_MAX
                        || (from < Disk.SECTORS && source.disk().mayHold(from, found, at, reads.start(), reads.end()));
            } finally {
                copies--;
            }
        }
    }

    @Override
    public String toString() {
        return "a copy of " + from + " to " + to + " " + options;
    }
}
