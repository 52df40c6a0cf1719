package io.dmio.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Sectors;
import io.dmio.testkit.Seed;
import io.netty.buffer.Unpooled;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Bad sectors are healed by what was written to them, and by nothing else. */
class BadSectorsTest {

    private final FaultyDevice behind = FaultyDevice.of(MemoryDevice.of("memory", 100));
    private final FaultyDevice device = FaultyDevice.of(behind);

    private String read(long sector, int count) {
        return end(new BlockOp.Read(sector, Unpooled.buffer(count * 512, count * 512)));
    }

    private String write(long sector, int count) {
        return end(new BlockOp.Write(sector, Unpooled.buffer(count * 512, count * 512), false));
    }

    private String end(BlockOp op) {
        return end(device, op);
    }

    private static String end(FaultyDevice device, BlockOp op) {
        return Objects.requireNonNull(device.submit(op)
                .thenReturn("OK")
                .onErrorResume(
                        DeviceException.class, error -> Mono.just(error.errno().name()))
                .block());
    }

    @Test
    void aBadSectorFailsReadsUntilItIsWritten() {
        device.plan(Fault.badSectors(8, 2));
        assertThat(read(0, 8)).isEqualTo("OK");
        assertThat(read(0, 9)).isEqualTo("EIO");
        assertThat(read(9, 1)).isEqualTo("EIO");
        assertThat(write(8, 1)).isEqualTo("OK");
        assertThat(read(8, 1)).isEqualTo("OK");
        assertThat(read(8, 2)).isEqualTo("EIO");
        assertThat(write(0, 100)).isEqualTo("OK");
        assertThat(read(8, 2)).isEqualTo("OK");
    }

    @Test
    void aBadSectorMayFailItsFirstWritesToo() {
        device.plan(Fault.badSectors(8, 1, 2));
        assertThat(write(8, 1)).isEqualTo("EIO");
        assertThat(write(0, 16)).isEqualTo("EIO");
        assertThat(read(8, 1)).isEqualTo("EIO");
        assertThat(write(8, 1)).isEqualTo("OK");
        assertThat(read(8, 1)).isEqualTo("OK");
        assertThat(write(8, 1)).isEqualTo("OK");
    }

    @ParameterizedTest
    @EnumSource(
            value = BlockOp.Kind.class,
            names = {"DISCARD", "WRITE_ZEROES"})
    void discardsAndWriteZeroesHeal(BlockOp.Kind kind) {
        device.plan(Fault.badSectors(8, 1, 1));
        BlockOp op = kind == BlockOp.Kind.DISCARD ? new BlockOp.Discard(8, 1) : new BlockOp.WriteZeroes(8, 1);
        assertThat(end(op)).isEqualTo("EIO");
        assertThat(read(8, 1)).isEqualTo("EIO");
        assertThat(end(op)).isEqualTo("OK");
        assertThat(read(8, 1)).isEqualTo("OK");
    }

    @Test
    void aWriteThatAnotherFaultFailsHealsNothingAndIsNotCounted() {
        Fault once = Fault.errno(Errno.ENOSPC).on(BlockOp.Kind.WRITE).nth(1);
        for (FaultPlan plan :
                new FaultPlan[] {FaultPlan.of(once, Fault.badSectors(8, 1)), FaultPlan.of(Fault.badSectors(8, 1), once)
                }) {
            device.plan(plan);
            assertThat(write(8, 1)).isEqualTo("ENOSPC");
            assertThat(read(8, 1)).isEqualTo("EIO");
            assertThat(write(8, 1)).isEqualTo("OK");
            assertThat(read(8, 1)).isEqualTo("OK");
        }
        device.plan(once, Fault.badSectors(8, 1, 1));
        assertThat(write(8, 1)).isEqualTo("ENOSPC");
        assertThat(write(8, 1)).isEqualTo("EIO");
        assertThat(write(8, 1)).isEqualTo("OK");
    }

    @Test
    void aWriteThatTheDeviceBehindFailsHealsNothing() {
        behind.plan(Fault.errno(Errno.EREMOTEIO).on(BlockOp.Kind.WRITE).nth(1));
        device.plan(Fault.badSectors(8, 1));
        assertThat(write(8, 1)).isEqualTo("EREMOTEIO");
        assertThat(read(8, 1)).isEqualTo("EIO");
        assertThat(write(8, 1)).isEqualTo("OK");
        assertThat(read(8, 1)).isEqualTo("OK");
    }

    @Test
    void aWriteThatFailsForOneSectorDoesNotHealItsNeighbour() {
        device.plan(Fault.badSectors(8, 2, 1));
        assertThat(write(8, 1)).isEqualTo("EIO"); // 8 takes the next
        assertThat(write(8, 2)).isEqualTo("EIO"); // as does 9 now
        assertThat(read(8, 1)).isEqualTo("EIO");
        assertThat(write(8, 2)).isEqualTo("OK");
        assertThat(read(8, 2)).isEqualTo("OK");
    }

    @Test
    void aDroppedWriteHealsNothingAndATornOneItsHead() {
        device.plan(Fault.badSectors(8, 4), Fault.dropped().nth(1), Fault.torn(2, Errno.EIO));
        assertThat(write(8, 4)).isEqualTo("OK");
        assertThat(read(8, 1)).isEqualTo("EIO");
        assertThat(write(8, 4)).isEqualTo("EIO");
        assertThat(read(8, 2)).isEqualTo("OK");
        assertThat(read(10, 1)).isEqualTo("EIO");
    }

    @Test
    void aMisdirectedWriteHealsWhereItLands() {
        device.plan(Fault.badSectors(8, 1), Fault.misdirected(-8).on(BlockOp.Kind.WRITE), Fault.flipped(0));
        assertThat(write(8, 1)).isEqualTo("OK");
        assertThat(read(8, 1)).isEqualTo("EIO");
        assertThat(write(16, 1)).isEqualTo("OK");
        assertThat(read(8, 1)).isEqualTo("OK");
    }

    @Test
    void aChangedWriteHealsAndOneOutsideTheFaultsScopeToo() {
        device.plan(
                Fault.badSectors(8, 2).on(BlockOp.Kind.READ),
                Fault.flipped(0).on(BlockOp.Kind.WRITE).nth(1));
        assertThat(write(8, 1)).isEqualTo("OK");
        assertThat(write(9, 1)).isEqualTo("OK");
        assertThat(read(8, 2)).isEqualTo("OK");
    }

    @Test
    void aWriteHealsWhenItHasBeenAnsweredWhoeverListens() {
        device.plan(Fault.badSectors(8, 2));
        behind.stall();
        device.submit(new BlockOp.WriteZeroes(8, 1)).subscribe().dispose();
        device.submit(new BlockOp.WriteZeroes(9, 1)).subscribe();
        behind.release(1); // 8 has been answered, 9 has not
        StepVerifier.create(device.submit(new BlockOp.Read(9, Unpooled.buffer(512, 512))))
                .verifyError(DeviceException.class);
        StepVerifier.create(device.submit(new BlockOp.Read(8, Unpooled.buffer(512, 512))))
                .then(behind::release)
                .verifyComplete();
        assertThat(read(8, 2)).isEqualTo("OK");
        assertThat(device.interferences()).isOne(); // the read of 9
    }

    @Test
    void flushesAreNeitherConcernedNorCounted() {
        device.plan(Fault.badSectors(0, 8).nth(2), Fault.misdirected(8).nth(3));
        assertThat(end(new BlockOp.Flush())).isEqualTo("OK");
        assertThat(end(new BlockOp.Flush())).isEqualTo("OK");
        assertThat(read(0, 8)).isEqualTo("OK");
        assertThat(read(0, 8)).isEqualTo("EIO");
        assertThat(device.interferences()).isOne();
        assertThat(write(0, 8)).isEqualTo("OK");
        assertThat(device.interferences()).isEqualTo(2);
    }

    @Test
    void aDeviceMayBeBadFromEndToEnd() {
        FaultyDevice bad =
                FaultyDevice.of(MemoryDevice.of("largest", Sectors.MAX), Fault.badSectors(0, Sectors.MAX, 1));
        BlockOp all = new BlockOp.WriteZeroes(0, Sectors.MAX);
        BlockOp last = new BlockOp.Read(Sectors.MAX - 1, Unpooled.buffer(512, 512));
        assertThat(end(bad, all)).isEqualTo("EIO");
        assertThat(end(bad, last)).isEqualTo("EIO");
        assertThat(end(bad, all)).isEqualTo("OK");
        assertThat(end(bad, last)).isEqualTo("OK");
        bad.plan(Fault.badSectors(5, 0));
        assertThat(end(bad, last)).isEqualTo("OK");
    }

    @RepeatedTest(50)
    void countsOfRangesAreThoseOfTheirSectors(RepetitionInfo repetition) {
        SplittableRandom random = Seed.random("counts " + repetition.getCurrentRepetition());
        int start = random.nextInt(20);
        int end = start + random.nextInt(60);
        int[] model = IntStream.range(0, 100)
                .map(i -> i >= start && i < end ? 3 : Integer.MIN_VALUE)
                .toArray();
        SectorCounts counts = new SectorCounts(start, end, 3);
        for (int round = 0; round < 200; round++) {
            int from = random.nextInt(100);
            int to = from + random.nextInt(100 - from);
            if (random.nextInt(3) > 0) {
                int floor = random.nextInt(4) - 1;
                counts.change(from, to, number -> Math.max(floor, number - 1));
                for (int i = Math.max(from, start); i < Math.min(to, end); i++) {
                    model[i] = Math.max(floor, model[i] - 1);
                }
            }
            int expected = Math.max(
                    -9, IntStream.range(from, to).map(i -> model[i]).max().orElse(-9));
            assertThat(counts.max(from, to, -9)).isEqualTo(expected);
            assertThat(counts.runs()).isEqualTo((int) IntStream.range(start, end)
                    .filter(i -> i == start || model[i] != model[i - 1])
                    .count());
        }
    }
}
