package io.dmio.fuzz;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Sectors;
import io.dmio.WriteOptions;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A region as a stream of buffers. */
final class StreamOutCall extends Call<ByteBuf> {

    private final Place place;
    private final int bufferBytes;
    private final boolean accepted;
    private final Deeds deeds;
    private int at;

    private StreamOutCall(World world) {
        super(world);
        this.place = world.places(1).get(0);
        this.bufferBytes = Sectors.PAGE_BYTES * (1 + world.draw().below(2));
        this.accepted = world.isOpen();
        this.deeds = new Deeds(BlockOp.Kind.READ, List.of(place), false);
    }

    static void start(World world) {
        StreamOutCall call = new StreamOutCall(world);
        world.add(call);
        world.begin(call.deeds);
        call.run(
                world.io().read(call.place.region(), call.bufferBytes / Sectors.PAGE_BYTES),
                world.draw().below(4));
    }

    @Override
    void step() {
        pull(1 + world.draw().below(3));
    }

    @Override
    boolean goOn() {
        pull(1);
        return true;
    }

    @Override
    void value(ByteBuf buffer) {
        int bytes = Math.min(bufferBytes, place.bytes() - at);
        if (buffer.capacity() != bytes || buffer.readableBytes() != bytes || buffer.refCnt() != 1) {
            World.fault("a buffer for " + bytes + " bytes is " + buffer + " from " + this);
            return;
        }
        byte[] found = new byte[bytes];
        buffer.getBytes(0, found);
        buffer.release();
        int now = world.now();
        for (int from = 0; from < bytes; from += Sectors.BYTES) {
            long sector = place.sector() + (at + from) / Sectors.BYTES;
            if (sector >= Disk.SECTORS || !place.disk().mayHold(sector, found, from, deeds.start(), now)) {
                World.fault("sector " + sector + " came as nobody wrote it: " + this);
            }
        }
        at += bytes;
    }

    @Override
    void end(@Nullable Throwable failure) {
        world.end(deeds);
        if (failure == null) {
            if (at != place.bytes()) {
                World.fault(at + " bytes came from " + this);
            }
            return;
        }
        boolean failed = failure instanceof DeviceException
                && (place.isRefused(BlockOp.Kind.READ, WriteOptions.NONE) || world.mayHaveFailed(deeds, place));
        if (!failed && !world.refuses(failure, accepted) && !world.wasShrunk()) {
            World.fault(failure + " from " + this);
        }
    }

    @Override
    void drained() {
        world.end(deeds);
    }

    @Override
    public String toString() {
        return "a stream of " + place + " in buffers of " + bufferBytes + ", after " + at + " bytes";
    }
}
