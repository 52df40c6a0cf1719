package io.dmio;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/**
 * One region's side of a request. Every failure becomes this region's {@link ErrorBits} before it can meet the siblings: an
 * error signal in the merge would cancel legs whose bytes the kernel still reads.
 *
 * @param index the region's place in the request, its error bit
 * @param region where
 * @param info the device's promises, asked once
 */
record RequestLeg(int index, IoRegion region, DeviceInfo info) {

    RequestLeg(int index, IoRegion region) {
        this(index, region, region.device().info());
    }

    /** What can be refused without touching the device. */
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

    /** What of a transfer can be refused without touching the device; nothing of one of no sectors. */
    static Optional<DeviceException> refusal(BlockOp.Kind kind, IoRegion region) {
        return region.count() == 0
                ? Optional.empty()
                : region.device().info().refusal(kind, region.sector(), region.count());
    }

    /** Why nothing was asked of the device. */
    DeviceException withoutMemory(Throwable thrown) {
        return DeviceException.of(Errno.EIO, info.name(), "the memory could not be had: " + thrown);
    }

    ErrorBits failed(DeviceException cause) {
        return ErrorBits.of(index, cause);
    }

    /** What this leg does with a piece of a span that starts at a byte of the request. */
    BlockOp op(ByteBuf memory, long from, Span span) {
        long sector = region.sector() + from / Sectors.BYTES;
        return span.reads() ? new BlockOp.Read(sector, memory) : new BlockOp.Write(sector, memory, span.fua());
    }

    /** The device, which can do what {@link #op} asks of it. */
    BlockDevice device(Span span) {
        BlockDevice device = region.device();
        return span.fua() && !info.can(Capability.FUA) ? DeviceFallback.of(device) : device;
    }
}
