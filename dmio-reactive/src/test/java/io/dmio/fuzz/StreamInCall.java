package io.dmio.fuzz;

import io.dmio.BlockOp;
import io.dmio.ErrorBits;
import io.dmio.Sectors;
import io.dmio.StreamOptions;
import io.dmio.WriteOptions;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A stream of buffers to several regions. */
final class StreamInCall extends Call<ErrorBits> {

    private final List<Place> places;
    private final List<Piece> pieces;
    private final List<Backing> backings;
    private final StreamOptions options;
    private final Source<ByteBuf> source;
    private final byte[] bytes;
    private final boolean accepted;
    private final Deeds deeds;
    private final List<Written> writes = new ArrayList<>();
    private @Nullable ErrorBits bits;

    private StreamInCall(World world) {
        super(world);
        Draw draw = world.draw();
        this.places = world.places(1 + draw.below(3));
        this.options = new StreamOptions(draw.oneIn(2), world.writeOptions());
        this.pieces = new ArrayList<>();
        for (int count = draw.below(6); count > 0; count--) {
            int size = draw.oneIn(3) ? 512 * draw.below(12) : draw.below(3000);
            pieces.add(DrawnMemory.ofStream(draw, world.buffers(), size));
        }
        this.backings = world.buffers().taken();
        this.bytes = content();
        this.source = new Source<>(pieces.stream().map(Piece::buffer).toList(), given -> {}, draw.oneIn(8));
        this.accepted = world.isOpen();
        List<Place> reached =
                places.stream().map(place -> place.first(sectors(place))).toList();
        this.deeds = new Deeds(
                BlockOp.Kind.WRITE,
                reached,
                options.write().preflush() || options.write().fua());
    }

    static void start(World world) {
        StreamInCall call = new StreamInCall(world);
        world.add(call);
        call.begin();
        call.run(
                world.io()
                        .write(
                                call.places.stream().map(Place::region).toList(),
                                call.source.drawn(world.draw()),
                                call.options),
                Long.MAX_VALUE);
    }

    private void begin() {
        world.begin(deeds);
        for (int i = 0; i < places.size(); i++) {
            Place place = deeds.place(i);
            writes.add(place.disk().write(place.sector(), place.count(), Content.of(bytes), deeds.start()));
        }
    }

    /** How many sectors the stream has for a region if that is long enough: whole blocks of its device. */
    private long sectors(Place place) {
        int odd = bytes.length % place.disk().blockBytes();
        int rest = odd == 0 ? 0 : options.padLastBlock() ? place.disk().blockBytes() - odd : -odd;
        return bytes.length >= place.bytes() ? place.count() : (bytes.length + rest) / Sectors.BYTES;
    }

    private boolean endsInsideABlock() {
        return !options.padLastBlock()
                && places.stream()
                        .anyMatch(place -> !isRefusedWhole(place)
                                && bytes.length < place.bytes()
                                && bytes.length % place.disk().blockBytes() != 0);
    }

    private byte[] content() {
        int length = pieces.stream()
                .mapToInt(piece -> piece.buffer().readableBytes())
                .sum();
        byte[] content = new byte[length];
        int at = 0;
        for (Piece piece : pieces) {
            ByteBuf buffer = piece.buffer();
            for (Piece.Part part : Piece.cut(piece.parts(), buffer.readerIndex(), buffer.readableBytes())) {
                part.backing().expected(part.from(), content, at, part.length());
                at += part.length();
            }
        }
        return content;
    }

    @Override
    void value(ErrorBits value) {
        bits = value;
    }

    @Override
    void step() {
        source.step();
    }

    @Override
    boolean goOn() {
        return source.step();
    }

    @Override
    void end(@Nullable Throwable failure) {
        world.end(deeds);
        if (failure == null) {
            if (!accepted || endsInsideABlock() || source.hasFailed()) {
                World.fault("no error told of " + this);
            }
            ended(World.known(bits));
        } else {
            failed(failure);
        }
    }

    private void ended(ErrorBits result) {
        for (int i = 0; i < places.size(); i++) {
            Place place = places.get(i);
            boolean longer = place.count() > 0 && bytes.length > place.bytes();
            boolean may = longer || isRefused(i) || world.mayHaveFailed(deeds, place);
            boolean must = longer || mustBeRefused(i) || world.mustHaveFailed(deeds, i);
            if (result.failed(i) ? !may : must) {
                World.fault("bit " + i + " of " + this + " is wrong: " + result);
            }
            boolean done = !result.failed(i) || (longer && !isRefused(i) && !world.mayHaveFailed(deeds, place));
            writes.get(i).end(deeds.end(), done && !place.disk().liesAboutWrites());
        }
    }

    private boolean mustBeRefused(int region) {
        Place whole = places.get(region);
        return isRefusedWhole(whole) || (deeds.place(region).count() > 0 && isRefused(region));
    }

    /** Nothing is transferred then, whatever the stream has for it. */
    private static boolean isRefusedWhole(Place place) {
        return place.count() > 0 && place.isRefused(BlockOp.Kind.WRITE, WriteOptions.NONE);
    }

    /** Also where it has nothing for the region, as flushes go there all the same. */
    private boolean isRefused(int region) {
        return isRefusedWhole(places.get(region)) || deeds.place(region).isRefused(BlockOp.Kind.WRITE, options.write());
    }

    /** All whole blocks that came before an error of the stream are written; one of the client says nothing about them. */
    private void failed(Throwable failure) {
        boolean ofStream = (failure instanceof Source.SourceFailure && source.hasFailed())
                || (failure instanceof IllegalArgumentException && endsInsideABlock());
        if (!ofStream && !world.refuses(failure, accepted) && !world.wasShrunk()) {
            World.fault(failure + " from " + this);
        }
        for (int i = 0; i < places.size(); i++) {
            Place place = places.get(i);
            writes.get(i).end(deeds.end(), false);
            boolean done = ofStream && !isRefused(i) && !world.mayHaveFailed(deeds, place);
            if (done && !place.disk().liesAboutWrites()) {
                long blocks = Math.min(
                        bytes.length / place.disk().blockBytes(),
                        place.bytes() / place.disk().blockBytes());
                long whole = blocks * place.disk().blockBytes() / Sectors.BYTES;
                place.disk()
                        .write(place.sector(), whole, Content.of(bytes), deeds.start())
                        .end(deeds.end(), true);
            }
        }
    }

    @Override
    void drained() {
        world.end(deeds);
        writes.forEach(write -> write.end(deeds.end(), false));
    }

    /** What was given is the library's, which must have released it; the rest is still the source's. */
    @Override
    void afterwards() {
        for (int i = 0; i < pieces.size(); i++) {
            Piece piece = pieces.get(i);
            if (i >= source.given()) {
                piece.buffer().release();
            }
            piece.others().forEach(ByteBuf::release);
        }
        backings.forEach(Backing::checkBytes);
        backings.forEach(Backing::end);
    }

    @Override
    public String toString() {
        return "a stream of " + pieces.stream().map(Piece::buffer).toList() + " to " + places + " " + options;
    }
}
