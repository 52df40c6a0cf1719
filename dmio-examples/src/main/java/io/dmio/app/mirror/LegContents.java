package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.IoRegion;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.dmio.VmBuffer;
import io.dmio.app.cli.Signature;
import io.dmio.app.cli.Sizes;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.MirrorStatus;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Checks what a device holds before it becomes a leg, so that nothing that somebody may want is overwritten unasked. Of a leg that gets the
 * others' bytes everything is overwritten; of a leg that keeps its own, the end, where the metadata goes. Blocks; for a command's main
 * thread.
 *
 * @param device the leg to be
 * @param given as the user wrote it
 * @param client the client that reads it
 */
record LegContents(BlockDevice device, String given, DmIo client) {

    private static final int PIECE_BYTES = 1 << 20;
    private static final int CLIENT_PAGES = 256;

    /** Runs something with a client for it, which is closed then. */
    static void reading(Consumer<DmIo> look) {
        DmIo client = DmIo.create().get(CLIENT_PAGES);
        try {
            look.accept(client);
        } finally {
            client.close().block();
        }
    }

    /** Refuses a leg that is to be overwritten, but holds something; whether a mirror's leg may come is for the mirror to judge. */
    void requireNothing() {
        signature().filter(found -> !isALeg()).ifPresent(found -> {
            throw new IllegalArgumentException(
                    given + ": holds " + found.words() + ", which would be overwritten; use --force to overwrite it");
        });
    }

    /**
     * Refuses a leg that keeps its bytes if some of them lie where the metadata goes.
     *
     * @param options the options of the new mirror
     * @param bytesLeftOut the bytes after its last whole block, which no mirror reaches
     */
    void requireRoomAtTheEnd(MirrorOptions options, long bytesLeftOut) {
        if (isALeg()) {
            return;
        }
        if (bytesLeftOut > 0) {
            throw new IllegalArgumentException(given + ": its last " + Sizes.counted(bytesLeftOut, "byte")
                    + (bytesLeftOut == 1 ? " is" : " are")
                    + " no whole block, and would be no part of the mirror; --force leaves them out");
        }
        long room = room(options);
        Optional<Signature> found = signature();
        if (found.map(content -> content.endBytes() > room).orElseGet(() -> !isZeroFrom(room))) {
            long more = Sectors.toBytes(options.legSectors(device.info().sectorCount()))
                    - device.info().bytes();
            throw new IllegalArgumentException(given + ": "
                    + found.map(Signature::words).orElse("its content")
                    + " reaches its end, where the metadata goes: let it end "
                    + Sizes.human(device.info().bytes() - room) + " earlier, or make a file longer, as by"
                    + " truncate -s +" + more + "; --force overwrites the end");
        }
    }

    /** Returns the size of the largest mirror for which the leg is large enough, in bytes. */
    private long room(MirrorOptions options) {
        long fits = 0;
        long tooLarge = device.info().sectorCount();
        while (tooLarge - fits > 1) {
            long middle = fits + (tooLarge - fits) / 2;
            if (options.legSectors(middle) <= device.info().sectorCount()) {
                fits = middle;
            } else {
                tooLarge = middle;
            }
        }
        return Sectors.toBytes(fits);
    }

    private Optional<Signature> signature() {
        int bytes = (int) Math.min(Signature.HEAD_BYTES, device.info().bytes());
        return read(0, bytes, Signature::of);
    }

    private boolean isZeroFrom(long byteOffset) {
        long block = device.info().logicalBlockBytes();
        for (long at = byteOffset / block * block; at < device.info().bytes(); at += PIECE_BYTES) {
            int bytes = (int) Math.min(PIECE_BYTES, device.info().bytes() - at);
            if (!read(
                    at,
                    bytes,
                    memory -> PagePool.isZero(memory.nioBuffer(0, bytes).slice(), 0, bytes))) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether it is a leg of any mirror. */
    boolean isALeg() {
        return Boolean.TRUE.equals(MirrorStatus.inspect(List.of(device))
                .map(status -> true)
                .onErrorReturn(false)
                .block());
    }

    private <T> T read(long byteOffset, int bytes, Function<ByteBuf, T> look) {
        ByteBuf memory = PagePool.shared().allocate(bytes);
        try {
            IoRegion region = new IoRegion(device, byteOffset / Sectors.BYTES, bytes / Sectors.BYTES);
            client.readSync(region, VmBuffer.of(memory)).cause(0).ifPresent(cause -> {
                throw cause;
            });
            return look.apply(memory);
        } finally {
            memory.release();
        }
    }
}
