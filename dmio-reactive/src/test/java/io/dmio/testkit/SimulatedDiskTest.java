package io.dmio.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Sectors;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

/** The simulated disk keeps what a disk promises across a power cut, nothing more, and the same seed does the same again. */
@SuppressWarnings("FutureReturnValueIgnored") // some operations are started only to be in flight
class SimulatedDiskTest {

    private static final int SEEDS = 300;
    private static final Duration LONG = Duration.ofSeconds(1);

    private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();

    @Test
    void anAnsweredAndFlushedWriteSurvivesEveryCut() {
        seeds().forEach(seed -> {
            SimulatedDisk disk = disk(seed);
            run(disk, write(8, 8, 1, false));
            run(disk, new BlockOp.Flush());
            start(disk, write(16, 8, 2, false));
            cutAndComeBack(disk);
            assertThat(disk.content(8, 8)).as(() -> replay(disk)).isEqualTo(Patterns.bytes(8, 8, 1));
        });
    }

    @Test
    void aForcedWriteSurvivesEveryCutAlone() {
        seeds().forEach(seed -> {
            SimulatedDisk disk = disk(seed);
            run(disk, write(0, 8, 1, false));
            run(disk, write(8, 8, 1, true));
            assertThat(disk.durable(0, 8)).isEqualTo(new byte[8 * Sectors.BYTES]);
            cutAndComeBack(disk);
            assertThat(disk.content(8, 8)).as(() -> replay(disk)).isEqualTo(Patterns.bytes(8, 8, 1));
        });
    }

    @Test
    void aWriteAnsweredAfterTheFlushWasSubmittedIsNotInIt() {
        SimulatedDisk disk = disk(1);
        CompletableFuture<Void> write = start(disk, write(0, 8, 1, false));
        CompletableFuture<Void> flush = start(disk, new BlockOp.Flush());
        clock.advanceTimeBy(LONG);
        assertThat(write).isCompleted();
        assertThat(flush).isCompleted();
        assertThat(disk.durable(0, 8)).isEqualTo(new byte[8 * Sectors.BYTES]);
    }

    @Test
    void anUnflushedWriteIsKeptLostOrTornAtEverySector() {
        Set<String> seen = new TreeSet<>();
        seeds().forEach(seed -> {
            SimulatedDisk disk = disk(seed);
            run(disk, write(0, 4, 1, false));
            cutAndComeBack(disk);
            seen.add(newSectors(disk, 0, 4));
        });
        assertThat(seen).containsExactlyInAnyOrder("....", "N...", "NN..", "NNN.", "NNNN", ".NNN", "..NN", "...N");
    }

    @Test
    void whatIsInFlightAtACutMayHaveReachedTheMediumAndNeverAnswers() {
        Set<String> seen = new TreeSet<>();
        seeds().forEach(seed -> {
            SimulatedDisk disk = disk(seed);
            ByteBuf memory = Unpooled.wrappedBuffer(Patterns.bytes(0, 2, 1));
            CompletableFuture<Void> write = start(disk, new BlockOp.Write(0, memory, true));
            cutAndComeBack(disk);
            assertThat(memory.refCnt()).isEqualTo(1);
            clock.advanceTimeBy(LONG);
            assertThat(write).isNotDone();
            seen.add(newSectors(disk, 0, 2));
        });
        assertThat(seen).containsExactlyInAnyOrder("..", "N.", ".N", "NN");
    }

    @Test
    void everyCutPointLeavesEachSectorOldOrNewAndNeverAnOlderOneOverADurableOne() {
        seeds().forEach(seed -> {
            SimulatedDisk disk = disk(seed);
            run(disk, write(0, 8, 1, true));
            start(disk, write(0, 8, 2, false));
            CompletableFuture<Void> forced = start(disk, write(0, 4, 3, true));
            clock.advanceTimeBy(Duration.ofNanos(seed * 1_000));
            boolean answered = forced.isDone();
            cutAndComeBack(disk);
            for (int sector = 0; sector < 8; sector++) {
                byte[] found = disk.content(sector, 1);
                assertThat(List.of(1, 2, 3)).as(() -> replay(disk)).anyMatch(one(sector, found));
                if (answered && sector < 4) {
                    assertThat(List.of(2, 3)).as(() -> replay(disk)).anyMatch(one(sector, found));
                }
            }
        });
    }

    @Test
    void aWriteThatADurableOneReplacedNeverComesBack() {
        seeds().forEach(seed -> {
            SimulatedDisk disk = disk(seed);
            run(disk, write(0, 4, 1, false));
            run(disk, write(0, 4, 2, true));
            cutAndComeBack(disk);
            assertThat(disk.content(0, 4)).as(() -> replay(disk)).isEqualTo(Patterns.bytes(0, 4, 2));
        });
    }

    @Test
    void theSameSeedTellsTheSameHistoryAndOthersEndInOtherOrders() {
        assertThat(history(7)).isEqualTo(history(7));
        Set<List<Integer>> orders = new HashSet<>();
        seeds().forEach(seed -> orders.add(answerOrder(disk(seed))));
        assertThat(orders).hasSizeGreaterThan(20); // of 4! = 24
    }

    @Test
    void withoutPowerEverythingIsRefusedAndUnpluggingFailsWhatIsInFlight() {
        SimulatedDisk disk = disk(1);
        CompletableFuture<Void> write = start(disk, write(0, 8, 1, false));
        disk.unplug();
        CompletableFuture<Void> after = start(disk, new BlockOp.Flush());
        assertThat(List.of(write, after))
                .allSatisfy(ended -> assertThat(ended)
                        .failsWithin(Duration.ZERO)
                        .withThrowableThat()
                        .havingCause()
                        .isInstanceOfSatisfying(
                                DeviceException.class,
                                refusal -> assertThat(refusal.errno()).isEqualTo(Errno.ESHUTDOWN)));
        disk.powerOn();
        run(disk, new BlockOp.Flush());
        assertThat(disk.inFlightCount()).isZero();
        assertThat(disk.log()).anyMatch(line -> line.contains("#1 write [0, 8)"));
    }

    @Test
    void faultsAreAFaultyDeviceOnTheSameClock() {
        SimulatedDisk disk = disk(1);
        BlockDevice faulty = FaultyDevice.of(disk, FaultPlan.of(Fault.misdirected(8)), () -> clock);
        run(faulty, write(0, 8, 1, false));
        assertThat(disk.content(8, 8)).isEqualTo(Patterns.bytes(0, 8, 1));
        disk.flip(8, 9);
        assertThat(disk.content(8, 1)[1]).isEqualTo((byte) (Patterns.bytes(0, 1, 1)[1] ^ 2));
    }

    private List<String> history(long seed) {
        VirtualTimeScheduler own = VirtualTimeScheduler.create();
        SimulatedDisk disk = SimulatedDisk.of("disk", 64, new SplittableRandom(seed), own);
        SplittableRandom random = new SplittableRandom(seed);
        List<String> history = new ArrayList<>();
        for (int step = 0; step < 200; step++) {
            long sector = random.nextInt(56);
            BlockOp op = random.nextInt(5) == 0 ? new BlockOp.Flush() : write(sector, 8, step, random.nextBoolean());
            start(disk, op);
            own.advanceTimeBy(Duration.ofNanos(random.nextInt(200_000)));
            if (random.nextInt(20) == 0) {
                cutAndComeBack(disk);
            }
        }
        history.addAll(disk.log());
        history.add(Arrays.toString(disk.content(0, 64)));
        return history;
    }

    private List<Integer> answerOrder(SimulatedDisk disk) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int number = i;
            disk.submit(write(8L * i, 8, 1, false)).subscribe(never -> {}, never -> {}, () -> order.add(number));
        }
        clock.advanceTimeBy(LONG);
        return order;
    }

    private SimulatedDisk disk(long seed) {
        return SimulatedDisk.of("disk " + seed, 64, new SplittableRandom(seed), clock);
    }

    private static LongStream seeds() {
        return LongStream.range(0, SEEDS);
    }

    private static CompletableFuture<Void> start(BlockDevice disk, BlockOp op) {
        return disk.submit(op).toFuture();
    }

    private void run(BlockDevice disk, BlockOp op) {
        CompletableFuture<Void> done = start(disk, op);
        clock.advanceTimeBy(LONG);
        done.join();
    }

    private static void cutAndComeBack(SimulatedDisk disk) {
        disk.cutPower();
        disk.powerOn();
    }

    private static BlockOp write(long sector, int count, long seed, boolean fua) {
        return new BlockOp.Write(sector, Unpooled.wrappedBuffer(Patterns.bytes(sector, count, seed)), fua);
    }

    private static Predicate<Integer> one(int sector, byte[] found) {
        return seed -> Arrays.equals(found, Patterns.bytes(sector, 1, seed));
    }

    /** One letter a sector: N for the pattern of seed 1, a dot for zeroes. */
    private static String newSectors(SimulatedDisk disk, int sector, int count) {
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < count; i++) {
            byte[] found = disk.content(sector + i, 1);
            boolean old = Arrays.equals(found, new byte[Sectors.BYTES]);
            letters.append(old ? '.' : one(sector + i, found).test(1) ? 'N' : '?');
        }
        return letters.toString();
    }

    private static String replay(SimulatedDisk disk) {
        return String.join("\n", disk.log());
    }
}
