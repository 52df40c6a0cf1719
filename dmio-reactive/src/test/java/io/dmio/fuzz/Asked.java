package io.dmio.fuzz;

import io.dmio.BlockOp;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.IoRequest;
import io.dmio.Sectors;
import io.dmio.WriteOptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request, and what must come of it. */
final class Asked {

    private final World world;
    private final BlockOp.Kind kind;
    private final List<Place> places;
    private final WriteOptions options;
    private final @Nullable DrawnMemory memory;
    private final List<Written> writes = new ArrayList<>();
    private final Deeds deeds;

    Asked(World world, BlockOp.Kind kind, List<Place> places, WriteOptions options, @Nullable DrawnMemory memory) {
        this.world = world;
        this.kind = kind;
        this.places = places;
        this.options = options;
        this.memory = memory;
        this.deeds = new Deeds(kind, places, options.preflush() || options.fua());
    }

    /** A drawn one. */
    static Asked any(World world) {
        Draw draw = world.draw();
        BlockOp.Kind kind = switch (draw.below(8)) {
            case 0, 1, 2 -> BlockOp.Kind.WRITE;
            case 3, 4 -> BlockOp.Kind.READ;
            case 5 -> BlockOp.Kind.FLUSH;
            case 6 -> BlockOp.Kind.DISCARD;
            default -> BlockOp.Kind.WRITE_ZEROES;
        };
        List<Place> places = world.places(kind == BlockOp.Kind.READ ? 1 : 1 + draw.below(3));
        int longest = places.stream().mapToInt(Place::bytes).max().orElse(0);
        boolean writes = kind == BlockOp.Kind.WRITE;
        WriteOptions options = writes ? world.writeOptions() : WriteOptions.NONE;
        boolean needs = writes || kind == BlockOp.Kind.READ;
        DrawnMemory memory = needs ? DrawnMemory.any(draw, world.buffers(), longest, !writes) : null;
        return new Asked(world, kind, places, options, memory);
    }

    IoRequest request() {
        List<IoRegion> regions = places.stream().map(Place::region).toList();
        return switch (kind) {
            case READ -> IoRequest.read(regions.get(0), World.known(memory).memory());
            case WRITE -> IoRequest.write(regions, World.known(memory).memory(), options);
            case FLUSH -> IoRequest.flush(regions);
            case DISCARD -> IoRequest.discard(regions);
            case WRITE_ZEROES -> IoRequest.writeZeroes(regions);
        };
    }

    boolean isPrompt() {
        return places.stream().allMatch(place -> place.disk().isPrompt());
    }

    /** From now on it may be done. */
    void begin() {
        world.begin(deeds);
        if (!kind.changes()) {
            return;
        }
        for (Place place : places) {
            if (place.count() > 0 && !place.isRefused(kind, options)) {
                Content content = memory == null ? Content.ZEROES : Content.of(memory.expected(place.bytes()));
                writes.add(place.disk().write(place.sector(), place.count(), content, deeds.start()));
            } else {
                writes.add(new Written(0, 0, Content.ZEROES, deeds.start()));
            }
        }
    }

    /** It has a result. */
    void ended(ErrorBits bits) {
        int start = deeds.start();
        world.end(deeds);
        if (bits.toLong() >>> places.size() != 0) {
            World.fault("bits of regions that nobody asked for: " + bits + " of " + this);
        }
        for (int i = 0; i < places.size(); i++) {
            checkBit(i, bits);
            if (kind.changes()) {
                writes.get(i)
                        .end(
                                deeds.end(),
                                !bits.failed(i) && !places.get(i).disk().liesAboutWrites());
            }
        }
        if (kind == BlockOp.Kind.READ) {
            checkRead(places.get(0), bits, start);
        }
        release();
    }

    private void checkBit(int region, ErrorBits bits) {
        Place place = places.get(region);
        boolean refused = place.isRefused(kind, options)
                && (place.count() > 0 || kind == BlockOp.Kind.FLUSH || options.preflush());
        if (bits.failed(region) ? !refused && !world.mayHaveFailed(deeds, place) : refused) {
            World.fault("bit " + region + " of " + this + " is wrong: " + bits);
        }
        if (!bits.failed(region) && world.mustHaveFailed(deeds, region)) {
            World.fault("a failure of a device is not told in bit " + region + " of " + this + ": " + bits);
        }
        if (!bits.failed(region) && needsFlush(place) && !place.disk().wasFlushed(deeds.start(), deeds.end())) {
            World.fault("nothing was flushed for region " + region + " of " + this);
        }
        if (bits.failed(region) && bits.cause(region).isEmpty()) {
            World.fault("no cause of bit " + region + " of " + this);
        }
    }

    private boolean needsFlush(Place place) {
        boolean forced = options.fua() && place.count() > 0 && place.disk().flushesForForce();
        return kind == BlockOp.Kind.FLUSH || options.preflush() || forced;
    }

    private void checkRead(Place place, ErrorBits bits, int start) {
        byte[] found = World.known(memory).filled(place.bytes());
        for (int at = 0; at < found.length; at += Sectors.BYTES) {
            long sector = place.sector() + at / Sectors.BYTES;
            boolean zeroed = bits.failed(0) && Content.isZero(found, at);
            if (!zeroed && (sector >= Disk.SECTORS || !place.disk().mayHold(sector, found, at, start, deeds.end()))) {
                World.fault("sector " + sector + " was read as nobody wrote it: " + this + ", " + bits);
            }
        }
    }

    /** It was refused as a whole, and nothing was done. */
    void refused() {
        if (deeds.isBegun()) {
            world.end(deeds);
        }
        for (int i = 0; i < writes.size(); i++) {
            places.get(i).disk().undo(writes.get(i));
        }
        release();
    }

    /** Whoever asked has left, and by now nothing is in flight any more. */
    void drained() {
        world.end(deeds);
        writes.forEach(write -> write.end(deeds.end(), false));
        if (kind == BlockOp.Kind.READ) {
            World.known(memory).filled(places.get(0).bytes());
        }
        release();
    }

    /** Never begun. */
    void dropped() {
        release();
    }

    private void release() {
        if (memory != null) {
            memory.check();
            memory.release(world.draw().oneIn(2));
        }
    }

    @Override
    public String toString() {
        return kind + " " + places + " " + options + (memory == null ? "" : " with " + memory);
    }
}
