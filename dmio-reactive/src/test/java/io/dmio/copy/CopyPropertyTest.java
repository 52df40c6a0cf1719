package io.dmio.copy;

import static io.dmio.copy.CopyFixture.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.IoRegion;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.Patterns;
import io.dmio.testkit.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * Random copies between random faulty, slow devices, against a model of plain arrays. A sector of a destination is what it
 * was or what the source has; it is the source's where the copy says so, and untouched where the source was unread; bits are
 * set exactly where the faults reach.
 */
@ExtendWith(Seed.class)
class CopyPropertyTest {

    private static final int SECTORS = 160;
    private static final int SECTOR_BYTES = 512;

    /** A destination: the device as copied to, what is behind it, what it held, where it fails. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Leg(BlockDevice device, MemoryDevice memory, byte[] old, Bad bad) {}

    /** Sectors that fail; often none. */
    private record Bad(long sector, long count) {
        static Bad random(SplittableRandom random) {
            return new Bad(random.nextInt(SECTORS - 16), random.nextInt(3) == 0 ? 1 + random.nextInt(9) : 0);
        }

        boolean hits(IoRegion region) {
            return count > 0 && region.sector() < sector + count && sector < region.end();
        }
    }

    /** How it ended: the source, its bytes, what the copy says. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Outcome(IoRegion from, byte[] expected, CopyResult result) {}

    private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();

    @RepeatedTest(300)
    void whateverIsCopiedEndsAsTheModelSays(RepetitionInfo repetition) {
        SplittableRandom random = Seed.random("copy " + repetition.getCurrentRepetition());
        CopyService service = CopyService.builder()
                .piecePages(1 + random.nextInt(5))
                .pages(1 + random.nextInt(12))
                .piecesInFlightMax(1 + random.nextInt(6))
                .build();
        int block = random.nextInt(4) == 0 ? 8 : 1; // sectors, of the coarsest device
        long count = (1L + random.nextInt(SECTORS / 2 / block)) * block;
        MemoryDevice content = content(random);
        Bad bad = Bad.random(random);
        FaultyDevice source = slow(content, random, BlockOp.Kind.READ, bad);
        IoRegion from = new IoRegion(source, place(random, count, 1), count);
        List<Leg> legs = legs(random, block);
        List<IoRegion> to = legs.stream()
                .map(leg -> new IoRegion(leg.device(), place(random, count, block), count))
                .toList();
        CopyOptions options = new CopyOptions(
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean() ? CopyOptions.Sparse.PUNCH : CopyOptions.Sparse.NONE,
                random.nextBoolean());

        AtomicReference<CopyResult> ended = new AtomicReference<>();
        AtomicReference<Throwable> error = new AtomicReference<>();
        service.copy(from, to, options).run().subscribe(ended::set, error::set);
        clock.advanceTimeBy(Duration.ofHours(1));

        assertThat(error.get()).as("what it ends with").isNull();
        assertThat(ended.get()).as("it ends").isNotNull();
        CopyResult result = Objects.requireNonNull(ended.get());
        assertIdle(service);
        byte[] expected = content.snapshot(from.sector(), (int) count);
        Outcome outcome = new Outcome(from, expected, result);
        for (int i = 0; i < legs.size(); i++) {
            check(legs.get(i), to.get(i), outcome, i);
        }
        assertThat(result.errors().isClear()).isEqualTo(result.isComplete());
        assertThat(result.unread().isEmpty()).isEqualTo(!bad.hits(from) || stoppedEarlier(result, options));
        if (options.goOnAfterError()) {
            checkBits(result, legs, to, bad.hits(from));
            assertThat(result.bytesDone()).isEqualTo(result.bytesTotal());
        }
        clock.dispose();
    }

    private static boolean stoppedEarlier(CopyResult result, CopyOptions options) {
        return !options.goOnAfterError()
                && !result.errors().isClear()
                && result.unread().isEmpty();
    }

    private static void checkBits(CopyResult result, List<Leg> legs, List<IoRegion> to, boolean unreadable) {
        for (int i = 0; i < legs.size(); i++) {
            boolean failed = result.errors().failed(i);
            boolean reached = legs.get(i).bad().hits(to.get(i));
            if (unreadable || (reached && result.bytesZero() == 0)) { // a fault of writes misses what is punched
                assertThat(failed).as("leg %d", i).isTrue();
            } else if (!reached) {
                assertThat(failed).as("leg %d", i).isFalse();
            }
            if (failed) {
                assertThat(result.errors().cause(i)).isPresent();
            }
        }
    }

    private static void check(Leg leg, IoRegion region, Outcome outcome, int index) {
        CopyResult result = outcome.result();
        IoRegion from = outcome.from();
        byte[] expected = outcome.expected();
        byte[] now = leg.memory().snapshot(0, SECTORS);
        for (int sector = 0; sector < SECTORS; sector++) {
            byte[] got = sector(now, sector);
            byte[] old = sector(leg.old(), sector);
            int offset = (int) (sector - region.sector());
            if (offset < 0 || offset >= region.count() || isUnread(result, from.sector() + offset)) {
                assertThat(got)
                        .as("sector %d of leg %d is left alone", sector, index)
                        .isEqualTo(old);
            } else if (!result.errors().failed(index) && result.isComplete()) {
                assertThat(got)
                        .as("sector %d of leg %d is copied", sector, index)
                        .isEqualTo(sector(expected, offset));
            } else if (!Arrays.equals(got, old)) {
                assertThat(got)
                        .as("sector %d of leg %d is old or new", sector, index)
                        .isEqualTo(sector(expected, offset));
            }
        }
    }

    private static boolean isUnread(CopyResult result, long sourceSector) {
        return result.unread().stream().anyMatch(range -> sourceSector >= range.sector() && sourceSector < range.end());
    }

    private List<Leg> legs(SplittableRandom random, int coarsest) {
        List<Leg> legs = new ArrayList<>();
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            int blockBytes = i == 0 ? coarsest * SECTOR_BYTES : SECTOR_BYTES;
            MemoryDevice memory = MemoryDevice.of(CopyFixture.blank("leg" + i, SECTORS, blockBytes)
                    .info()
                    .withTransferBytesMax(blockBytes * (1 + random.nextInt(20))));
            byte[] old = Patterns.bytes(0, SECTORS, 1000 + i);
            memory.load(0, old);
            Bad bad = Bad.random(random);
            legs.add(new Leg(slow(memory, random, BlockOp.Kind.WRITE, bad), memory, old, bad));
        }
        return legs;
    }

    /** A pattern with holes, so that sparse copies find some. */
    private static MemoryDevice content(SplittableRandom random) {
        MemoryDevice device = CopyFixture.source(SECTORS);
        for (int holes = random.nextInt(4); holes > 0; holes--) {
            device.load(random.nextInt(SECTORS - 40), new byte[(1 + random.nextInt(40)) * SECTOR_BYTES]);
        }
        return device;
    }

    private FaultyDevice slow(MemoryDevice next, SplittableRandom random, BlockOp.Kind kind, Bad bad) {
        FaultPlan plan = FaultPlan.none();
        for (int i = 0; i < 3; i++) {
            plan = plan.and(Fault.delayed(Duration.ofMillis(random.nextInt(20))).chance(0.5, random.nextLong()));
        }
        if (bad.count() > 0) {
            plan = plan.and(Fault.errno(Errno.EIO).on(kind).within(bad.sector(), bad.count()));
        }
        return FaultyDevice.of(next, plan, () -> clock);
    }

    private static long place(SplittableRandom random, long count, int block) {
        return random.nextLong((SECTORS - count) / block + 1) * block;
    }

    private static byte[] sector(byte[] bytes, int index) {
        return Arrays.copyOfRange(bytes, index * SECTOR_BYTES, (index + 1) * SECTOR_BYTES);
    }
}
