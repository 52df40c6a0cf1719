package io.dmio.fuzz;

import static io.dmio.fuzz.Taken.now;
import static io.dmio.fuzz.Taken.require;

import io.dmio.BioVector;
import io.dmio.BioVectors;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.Extent;
import io.dmio.IoMemory;
import io.dmio.IoRegion;
import io.dmio.PageBudget;
import io.dmio.PageList;
import io.dmio.Sectors;
import io.dmio.VmBuffer;
import io.dmio.device.MemoryDevice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** Numbers of the root package: the client, its budget, regions, memory. */
final class ClientNumbers {

    static final MemoryDevice DISK = MemoryDevice.of("disk", 64);

    private static final int ALLOCATED_BYTES_MAX = 1 << 20; // more works too, and takes the machine's memory
    private static final ByteBuf BYTES = Unpooled.wrappedBuffer(new byte[3 * Sectors.PAGE_BYTES]);

    private ClientNumbers() {}

    static void client(Draw draw) {
        int transfer = draw.count();
        int waiters = draw.count();
        int pages = draw.count();
        Taken.of(() -> DmIo.builder().transferBytesMax(transfer), transfer)
                .flatMap(builder -> Taken.of(() -> builder.waitersMax(waiters).build(), waiters))
                .flatMap(io -> Taken.of(() -> io.get(pages), pages))
                .ifPresent(io -> {
                    works(io);
                    int more = draw.count();
                    Taken.of(() -> io.get(more), more);
                    Taken.of(() -> io.put(more), more)
                            .ifPresent(put -> put.onErrorComplete().block());
                    io.close().block();
                });
    }

    static void works(DmIo io) {
        VmBuffer memory = VmBuffer.of(new byte[3 * Sectors.PAGE_BYTES]);
        require(io.writeSync(List.of(new IoRegion(DISK, 8, 24)), memory).isClear(), "a write");
        require(io.readSync(new IoRegion(DISK, 8, 24), memory).isClear(), "a read");
    }

    static void budget(Draw draw) {
        int pages = draw.count();
        int waiters = draw.count();
        int wanted = draw.count();
        Taken.of(() -> new PageBudget(pages, waiters), pages, waiters).ifPresent(budget -> {
            Taken.of(() -> budget.use(wanted, () -> Mono.just(1)), wanted)
                    .ifPresent(use -> require(Integer.valueOf(1).equals(use.block()), "the work was done"));
            Taken.of(() -> budget.shrink(wanted), wanted)
                    .ifPresent(shrink -> shrink.onErrorComplete().block());
            require(budget.inUse() == 0 && budget.capacity() <= pages, "pages come back");
        });
    }

    static void regions(Draw draw) {
        long sector = draw.number();
        long count = draw.number();
        long from = draw.number();
        long sectors = draw.number();
        Optional<IoRegion> made = Taken.of(() -> new IoRegion(DISK, sector, count), sector, count);
        made.ifPresent(region -> {
            Taken.of(() -> region.slice(from, sectors), from, sectors)
                    .ifPresent(part -> require(part.end() <= region.end(), "a part"));
            DmIo io = DmIo.create().get(16);
            boolean fits = region.end() <= 64;
            require(io.writeZeroesSync(List.of(region)).isClear() == (fits || count == 0), "zeroes");
            require(io.discardSync(List.of(region)).isClear() == (fits || count == 0), "discards");
            require(io.flushSync(List.of(region)).isClear(), "a flush");
            if (count <= 64) {
                ErrorBits bits = io.readSync(region, VmBuffer.of(new byte[64 * Sectors.BYTES]));
                require(bits.isClear() == (fits || count == 0), "reads");
            }
        });
    }

    static void sectors(Draw draw) {
        long one = draw.number();
        long two = draw.number();
        Taken.of(() -> Sectors.ofBytes(one), one);
        Taken.of(() -> Sectors.toBytes(one), one)
                .ifPresent(bytes -> require(Sectors.ofBytes(bytes) == one, "there and back"));
        Taken.of(() -> Sectors.end(one, two), one, two);
        Taken.of(() -> new Extent(one, two, Extent.Kind.DATA), one, two);
        if (one >= 0) {
            long pages = Sectors.pagesOf(one);
            require(pages > one / Sectors.PAGE_BYTES - 1 && pages <= one / Sectors.PAGE_BYTES + 1, "pages");
        }
        if (one >= 0 && two >= 1) {
            long steps =
                    Sectors.steps(one, two).take(20).count().blockOptional().orElseThrow();
            require(steps == Math.min(20, one / two + (one % two == 0 ? 0 : 1)), "steps of " + one + " by " + two);
        }
    }

    static void memory(Draw draw) {
        int offset = draw.count();
        int length = draw.count();
        long from = draw.number();
        long bytes = draw.number();
        Taken.of(() -> new BioVector(BYTES, offset, length), offset, length)
                .map(vector -> BioVectors.of(vector, vector))
                .flatMap(vectors -> Taken.of(() -> vectors.slice(from, bytes), from, bytes))
                .ifPresent(part -> require(part.bytes() == bytes, "a slice of " + bytes));
        Taken.of(() -> PageList.of(List.of(BYTES.slice(0, 4096), BYTES.slice(4096, 4096)), offset), offset)
                .ifPresent(pages -> require(pages.bytes() == 8192 - offset, "an offset"));
        if (length <= ALLOCATED_BYTES_MAX) {
            Taken.of(() -> VmBuffer.allocate(length), length).ifPresent(made -> {
                require(made.bytes() == length, "as long as asked");
                made.release();
            });
        }
        if (length <= ALLOCATED_BYTES_MAX / Sectors.PAGE_BYTES) {
            Taken.of(() -> PageList.allocate(length), length).ifPresent(IoMemory::release);
        }
    }

    static void operations(Draw draw) {
        long sector = draw.number();
        long count = draw.number();
        Taken.of(() -> new BlockOp.Discard(sector, count), sector, count).ifPresent(ClientNumbers::answered);
        Taken.of(() -> new BlockOp.WriteZeroes(sector, count), sector, count).ifPresent(ClientNumbers::answered);
        Taken.of(() -> new BlockOp.Read(sector, Unpooled.wrappedBuffer(new byte[512])), sector)
                .ifPresent(ClientNumbers::answered);
    }

    static void answered(BlockOp op) {
        boolean fits = op.sector() + op.sectorCount() <= 64;
        boolean taken = now(DISK.submit(op).thenReturn(true).onErrorReturn(DeviceException.class, false));
        require(taken == fits, op + " is taken: " + taken);
    }

    static void errorBits(Draw draw) {
        int region = draw.count();
        DeviceException cause = DeviceException.of(Errno.EIO, "disk", "as told");
        Taken.of(() -> ErrorBits.of(region, cause), region)
                .ifPresent(bits ->
                        require(bits.failed(region) && bits.cause(region).isPresent(), "the bit"));
        ErrorBits any = ErrorBits.ofBits(draw.number());
        require(any.count() == any.failedRegions().count() && any.equals(ErrorBits.ofBits(any.toLong())), "bits");
        Taken.of(() -> any.or(ErrorBits.of(7, cause)).failed(region), region);
        Taken.of(() -> any.cause(region), region);
    }

    static void streams(Draw draw) {
        int pages = draw.count();
        DmIo io = DmIo.create().get(2);
        Taken.of(() -> io.read(new IoRegion(DISK, 3, 20), pages), pages).ifPresent(stream -> {
            int bytes = now(stream.map(ClientNumbers::released).reduce(0, Integer::sum));
            require(bytes == 20 * Sectors.BYTES, "a stream of " + pages);
        });
    }

    private static int released(ByteBuf buffer) {
        int bytes = buffer.readableBytes();
        buffer.release();
        return bytes;
    }
}
