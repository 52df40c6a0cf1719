package io.dmio;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/**
 * One region of a request, as a leg. Every failure becomes this region's {@link ErrorBits} before it can meet the siblings: an error signal
 * in the merge would cancel legs whose bytes the kernel still reads.
 *
 * @param index the region's place in the request, its error bit
 * @param region the region
 * @param info the device's promises, asked once
 */
record RequestLeg(int index, IoRegion region, DeviceInfo info) {

    RequestLeg(int index, IoRegion region) {
        this(index, region, region.device().info());
    }

    /** Returns why the device refuses its part of a request, as far as that is known without touching it. */
    Optional<DeviceException> refusal(IoRequest request) {
        BlockOp.Kind kind = request.kind();
        WriteOptions options = request.options();
        if ((options.preflush() || (options.fua() && !info.can(Capability.FUA))) && !info.can(Capability.FLUSH)) {
            String detail = "cannot make writes durable: the device has neither flush nor force unit access";
            return Optional.of(
                    DeviceException.of(Errno.EOPNOTSUPP, info.name(), kind, region.sector(), region.count(), detail));
        }
        boolean flushOnly = kind == BlockOp.Kind.FLUSH || region.count() == 0; // the latter reached by a preflush
        return flushOnly ? info.refusal(BlockOp.Kind.FLUSH, 0, 0) : info.refusal(kind, region.sector(), region.count());
    }

    /** Returns why a transfer is refused, as far as that is known without touching the device; empty for one of no sectors. */
    static Optional<DeviceException> refusal(BlockOp.Kind kind, IoRegion region) {
        return region.count() == 0
                ? Optional.empty()
                : region.device().info().refusal(kind, region.sector(), region.count());
    }

    /** Returns the failure of a leg that had no memory, and whose device was asked nothing. */
    DeviceException withoutMemory(Throwable thrown) {
        return DeviceException.of(Errno.EIO, info.name(), "the memory could not be had: " + thrown);
    }

    ErrorBits failed(DeviceException cause) {
        return ErrorBits.of(index, cause);
    }

    /** Returns this leg's operation on a piece of a span; the piece starts at the given byte of the request. */
    BlockOp op(ByteBuf memory, long from, Span span) {
        long sector = region.sector() + from / Sectors.BYTES;
        return span.reads() ? new BlockOp.Read(sector, memory) : new BlockOp.Write(sector, memory, span.fua());
    }

    /** Returns the device, with a fallback if it cannot do by itself what {@link #op} asks of it. */
    BlockDevice device(Span span) {
        BlockDevice device = region.device();
        return span.fua() && !info.can(Capability.FUA) ? DeviceFallback.of(device) : device;
    }
}
