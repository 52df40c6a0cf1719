package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.dmio.engine.IoEngine;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.netty.buffer.ByteBuf;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.zip.CRC32C;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A process that writes numbered, checksummed blocks through a mirror of files until it is killed, and says after each flush
 * how far it was. Block n has one place, decided by n, and is written over what was there.
 */
final class KilledWriter {

    static final int BLOCK_BYTES = 4096;
    static final int PLACES = 256;

    private static final int BATCH = 16;
    private static final int BLOCK_SECTORS = BLOCK_BYTES / Sectors.BYTES;

    private KilledWriter() {}

    /** {@code first leg…}: writes blocks from the first number on. */
    public static void main(String[] args) {
        List<Path> legs = new ArrayList<>();
        for (String leg : List.of(args).subList(1, args.length)) {
            legs.add(Path.of(leg));
        }
        PrintStream out = System.out;
        try (Machine machine = new Machine(legs)) {
            MirrorDevice mirror = machine.open();
            for (long n = Long.parseLong(args[0]); ; n += BATCH) {
                Flux.range(0, BATCH)
                        .flatMap(write(mirror, n), BATCH)
                        .then(mirror.submit(new BlockOp.Flush()))
                        .block();
                out.println(n + BATCH - 1);
                out.flush();
            }
        }
    }

    private static Function<Integer, Mono<Void>> write(BlockDevice mirror, long first) {
        return i -> Mono.using(
                () -> block(first + i),
                memory -> mirror.submit(new BlockOp.Write((long) place(first + i) * BLOCK_SECTORS, memory, false)),
                ByteBuf::release);
    }

    /** Where a block goes. */
    static int place(long n) {
        return (int) Long.remainderUnsigned((n * 0x9E37_79B9_7F4A_7C15L) >>> 20, PLACES);
    }

    private static ByteBuf block(long n) {
        ByteBuf memory = PagePool.shared().allocate(BLOCK_BYTES).setZero(0, BLOCK_BYTES);
        for (int at = 0; at < BLOCK_BYTES; at += Sectors.BYTES) {
            memory.setLong(at, n);
            memory.setInt(at + Long.BYTES, crc(n, at));
        }
        return memory;
    }

    /** The number of a whole block, 0 if there never was one, or -1 if it is neither. */
    static long numberOf(ByteBuf memory, int from) {
        long n = memory.getLong(from);
        for (int at = 0; at < BLOCK_BYTES; at += Sectors.BYTES) {
            boolean empty = n == 0 && memory.getLong(from + at) == 0;
            boolean whole = memory.getLong(from + at) == n && memory.getInt(from + at + Long.BYTES) == crc(n, at);
            if (!empty && !whole) {
                return -1;
            }
        }
        return n;
    }

    private static int crc(long n, int at) {
        CRC32C crc = new CRC32C();
        crc.update(new byte[] {
            (byte) n, (byte) (n >> 8), (byte) (n >> 16), (byte) (n >> 24), (byte) (n >> 32), (byte) (at >> 8)
        });
        return (int) crc.getValue();
    }

    /** An engine and the legs it opens. */
    static final class Machine implements AutoCloseable {
        private final IoEngine engine = IoEngines.posix();
        private final List<Path> legs;

        Machine(List<Path> legs) {
            this.legs = legs;
        }

        List<BlockDevice> devices(OpenOptions options) {
            List<BlockDevice> devices = new ArrayList<>();
            legs.forEach(
                    leg -> devices.add(engine.open(leg, options).blockOptional().orElseThrow()));
            return devices;
        }

        MirrorDevice open() {
            return MirrorDevice.open(devices(OpenOptions.readWrite()), MirrorOptions.defaults())
                    .blockOptional()
                    .orElseThrow();
        }

        @Override
        public void close() {
            engine.close().block();
        }
    }
}
