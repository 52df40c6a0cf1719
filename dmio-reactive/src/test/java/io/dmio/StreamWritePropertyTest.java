package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.testkit.Seed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * Streams of buffers of random kinds and sizes to regions of random lengths and block sizes, against a model: a region has
 * what was given up to its end, in whole blocks of its own device, and nothing else has changed.
 */
@ExtendWith(Seed.class)
class StreamWritePropertyTest {

    private static final int SECTORS = 128;
    private static final byte OLD = 0x11;

    private final List<ByteBuf> given = new ArrayList<>();

    @RepeatedTest(150)
    void eachRegionHasWhatWasGivenUpToItsEnd(RepetitionInfo run) {
        SplittableRandom random = Seed.random("stream " + run.getCurrentRepetition());
        List<MemoryDevice> disks = new ArrayList<>();
        List<IoRegion> regions = new ArrayList<>();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            MemoryDevice disk = disk(random);
            long unit = disk.info().logicalBlockBytes() / Sectors.BYTES;
            long sector = random.nextLong(SECTORS / unit) * unit;
            disks.add(disk);
            regions.add(new IoRegion(disk, sector, random.nextLong((SECTORS - sector) / unit + 1) * unit));
        }
        byte[] stream = bytes(random, random.nextInt(70_000));
        boolean pad = random.nextBoolean();
        DmIo io = DmIo.builder()
                .transferBytesMax(4096 * (1 + random.nextInt(8)))
                .build()
                .get(2 + random.nextInt(16));
        StreamOptions options = pad ? StreamOptions.NONE.withPadding() : StreamOptions.NONE;

        Object outcome = io.write(regions, source(stream, random), options)
                .cast(Object.class)
                .onErrorResume(thrown -> Mono.just(thrown))
                .block();

        verify(disks, regions, stream, pad);
        verify(outcome, regions, stream.length, pad);
        assertThat(given).allMatch(buffer -> buffer.refCnt() == 0 || buffer.capacity() == 0); // or the empty one
        assertThat(io.budget().inUse()).isZero();
    }

    private static void verify(List<MemoryDevice> disks, List<IoRegion> regions, byte[] stream, boolean pad) {
        for (int i = 0; i < regions.size(); i++) {
            IoRegion region = regions.get(i);
            int block = region.device().info().logicalBlockBytes();
            byte[] expected = new byte[SECTORS * Sectors.BYTES];
            Arrays.fill(expected, OLD);
            int from = (int) region.sector() * Sectors.BYTES;
            int whole = stream.length / block * block;
            int end = stream.length > whole && pad ? whole + block : whole;
            byte[] written = Arrays.copyOf(stream, end);
            System.arraycopy(written, 0, expected, from, (int) Math.min(end, region.bytes()));
            assertThat(Arrays.mismatch(disks.get(i).snapshot(0, SECTORS), expected))
                    .as("first byte that is wrong of %s after %d bytes", region, stream.length)
                    .isEqualTo(-1);
        }
    }

    private static void verify(@Nullable Object outcome, List<IoRegion> regions, int length, boolean pad) {
        boolean insideABlock = false;
        long tooLong = 0;
        for (int i = 0; i < regions.size(); i++) {
            IoRegion region = regions.get(i);
            insideABlock |=
                    length < region.bytes() && length % region.device().info().logicalBlockBytes() != 0;
            tooLong |= region.count() > 0 && length > region.bytes() ? 1L << i : 0;
        }
        if (insideABlock && !pad) {
            assertThat(outcome).isInstanceOf(IllegalArgumentException.class);
        } else {
            assertThat(outcome).isEqualTo(ErrorBits.ofBits(tooLong));
        }
    }

    private static MemoryDevice disk(SplittableRandom random) {
        int block = 512 << random.nextInt(4);
        MemoryDevice disk = MemoryDevice.of(MemoryDevice.of("disk", SECTORS)
                .info()
                .withBlocks(block, block)
                .withMemoryAlignmentBytes(1 << random.nextInt(10))
                .withTransferBytesMax(block * (1 + random.nextInt(4))));
        byte[] old = new byte[SECTORS * Sectors.BYTES];
        Arrays.fill(old, OLD);
        disk.load(0, old);
        return disk;
    }

    /** The bytes in buffers, mostly small or mostly large, from a source that heeds what it is asked for or does not. */
    private Flux<ByteBuf> source(byte[] stream, SplittableRandom random) {
        int most = random.nextBoolean() ? 700 : 40_000;
        List<int[]> cuts = new ArrayList<>();
        for (int at = 0; at < stream.length; ) {
            int length = Math.min(stream.length - at, random.nextInt(most) + (random.nextInt(9) == 0 ? 0 : 1));
            cuts.add(new int[] {at, length});
            at += length;
        }
        Function<int[], ByteBuf> give = cut -> {
            ByteBuf buffer = buffer(stream, cut[0], cut[1], random);
            given.add(buffer);
            return buffer;
        };
        Flux<ByteBuf> all = Flux.fromIterable(cuts).map(give);
        return switch (random.nextInt(3)) {
            case 0 -> all;
            case 1 -> all.hide();
            default ->
                Flux.from(subscriber -> {
                    subscriber.onSubscribe(Operators.emptySubscription());
                    cuts.forEach(cut -> subscriber.onNext(give.apply(cut)));
                    subscriber.onComplete();
                });
        };
    }

    private static ByteBuf buffer(byte[] stream, int at, int length, SplittableRandom random) {
        PooledByteBufAllocator pool = PooledByteBufAllocator.DEFAULT;
        int before = random.nextInt(600);
        return switch (random.nextInt(8)) {
            case 0 -> Unpooled.wrappedBuffer(stream, at, length);
            case 1 -> Unpooled.directBuffer(length + 1).writeBytes(stream, at, length);
            case 2 -> pool.heapBuffer(length + 1).writeBytes(stream, at, length);
            case 3 ->
                pool.directBuffer(before + length + 1)
                        .writeZero(before)
                        .writeBytes(stream, at, length)
                        .skipBytes(before);
            case 4 -> { // the last reference is the slice's
                ByteBuf whole =
                        pool.directBuffer(before + length + 1).writeZero(before).writeBytes(stream, at, length);
                ByteBuf slice = whole.retainedSlice(before, length);
                whole.release();
                yield slice;
            }
            case 5 ->
                Unpooled.directBuffer(length + 1).writeBytes(stream, at, length).asReadOnly();
            case 6 ->
                Unpooled.wrappedBuffer(
                        pool.directBuffer(length + 1).writeBytes(stream, at, length / 3),
                        Unpooled.copiedBuffer(stream, at + length / 3, length - length / 3));
            default -> PagePool.shared().allocate(length + 1).writeBytes(stream, at, length);
        };
    }

    private static byte[] bytes(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
