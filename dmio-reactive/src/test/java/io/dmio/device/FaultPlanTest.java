package io.dmio.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.testkit.Seed;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Plans as functions from operations to verdicts; no device, no Reactor. */
@ExtendWith(Seed.class)
class FaultPlanTest {

    private static final Verdict EIO = Verdict.of(new Verdict.Act.Fail(Errno.EIO));

    private final AtomicLong nanos = new AtomicLong(-5_000_000_000L); // clocks may start anywhere

    @Test
    void theSameSeedFailsTheSameOps(SplittableRandom random) {
        long seed = random.nextLong();
        Supplier<FaultPlan> plan = () -> FaultPlan.of(
                Fault.errno(Errno.EIO).chance(0.3, seed),
                Fault.tornAtRandom(seed, Errno.ENOSPC),
                Fault.flippedAtRandom(seed));
        List<Verdict> first = verdicts(plan.get(), 500);
        assertThat(verdicts(plan.get(), 500)).isEqualTo(first);
        assertThat(first.stream().filter(EIO::equals).count()).isBetween(90L, 210L);
        assertThat(verdicts(FaultPlan.of(Fault.errno(Errno.EIO).chance(0.3, seed + 1)), 500))
                .isNotEqualTo(first);
    }

    @Test
    void aPlanPrintsTheCodeThatMakesItWithItsSeeds() {
        FaultPlan plan = FaultPlan.of(
                        Fault.errno(Errno.EIO)
                                .on(BlockOp.Kind.WRITE)
                                .within(2048, 8)
                                .nth(3),
                        Fault.tornAtRandom(-7, Errno.EIO).chance(0.25, 42))
                .and(Fault.delayed(Duration.ofMillis(5))
                        .on(BlockOp.Kind.READ, BlockOp.Kind.FLUSH)
                        .after(10)
                        .upDown(3, 1));
        assertThat(plan)
                .hasToString("FaultPlan.of(Fault.errno(EIO).on(WRITE).within(2048, 8).nth(3),"
                        + " Fault.tornAtRandom(-7L, EIO).on(WRITE, DISCARD, WRITE_ZEROES).chance(0.25, 42L),"
                        + " Fault.delayed(Duration.parse(\"PT0.005S\")).on(READ, FLUSH).after(10).upDown(3, 1))");
    }

    @Test
    void oneRunDoesNotCountForAnother() {
        FaultPlan plan = FaultPlan.of(Fault.errno(Errno.EIO).nth(1), Fault.badSectors(100, 1));
        FaultPlan.Run first = plan.start(nanos::get);
        assertThat(List.of(first.judge(write(100, 1)), first.judge(read(100, 1))))
                .containsExactly(EIO, Verdict.PASS);
        FaultPlan.Run second = plan.start(nanos::get);
        assertThat(List.of(second.judge(new BlockOp.Flush()), second.judge(read(100, 1))))
                .containsExactly(EIO, EIO);
    }

    @Test
    void theNthOfAKindCountsOnlyThatKind() {
        FaultPlan.Run run = FaultPlan.of(
                        Fault.errno(Errno.EIO).on(BlockOp.Kind.FLUSH).nth(2))
                .start(nanos::get);
        assertThat(List.of(new BlockOp.Flush(), read(0, 1), write(0, 1), new BlockOp.Flush(), new BlockOp.Flush()))
                .extracting(run::judge)
                .containsExactly(Verdict.PASS, Verdict.PASS, Verdict.PASS, EIO, Verdict.PASS);
    }

    @Test
    void aRangeIsTouchedByItsFirstAndLastSectorAndNotByTheirNeighboursNorByAFlush() {
        FaultPlan.Run run = FaultPlan.of(Fault.errno(Errno.EIO).within(10, 5)).start(nanos::get);
        assertThat(List.of(read(9, 1), read(9, 2), read(14, 1), read(15, 1), read(0, 100), new BlockOp.Flush()))
                .extracting(run::judge)
                .containsExactly(Verdict.PASS, EIO, EIO, Verdict.PASS, EIO, Verdict.PASS);
    }

    @Test
    void firstAndAfterShareTheOpsBetweenThem() {
        Verdict stalled = new Verdict(true, Duration.ZERO, Verdict.Act.PASS);
        assertThat(verdicts(
                        FaultPlan.of(
                                Fault.errno(Errno.EIO).first(2), Fault.stalled().after(2)),
                        4))
                .containsExactly(EIO, EIO, stalled, stalled);
    }

    @Test
    void downByOpsComesAfterUpEachTime() {
        assertThat(verdicts(FaultPlan.of(Fault.errno(Errno.EIO).upDown(2, 1)), 6))
                .containsExactly(Verdict.PASS, Verdict.PASS, EIO, Verdict.PASS, Verdict.PASS, EIO);
    }

    @Test
    void downByTimeStartsWhenTheUpIntervalIsOverToTheNanosecond() {
        FaultPlan.Run run = FaultPlan.of(Fault.errno(Errno.EIO).upDown(Duration.ofSeconds(5), Duration.ofSeconds(2)))
                .start(nanos::get);
        assertThat(run.judge(read(0, 1))).isEqualTo(Verdict.PASS);
        nanos.addAndGet(4_999_999_999L);
        assertThat(run.judge(read(0, 1))).isEqualTo(Verdict.PASS);
        nanos.addAndGet(1);
        assertThat(run.judge(read(0, 1))).isEqualTo(EIO);
        nanos.addAndGet(2_000_000_000L);
        assertThat(run.judge(read(0, 1))).isEqualTo(Verdict.PASS);
    }

    @Test
    void severalFaultsAddTheirDelaysAndTheFirstOneDecides() {
        FaultPlan.Run run = FaultPlan.of(
                        Fault.delayed(Duration.ofMillis(2)),
                        Fault.errno(Errno.EIO),
                        Fault.dropped(),
                        Fault.stalled(),
                        Fault.delayed(Duration.ofMillis(3)))
                .start(nanos::get);
        assertThat(run.judge(write(0, 1))).isEqualTo(new Verdict(true, Duration.ofMillis(5), EIO.act()));
    }

    @Test
    void aBadSectorFailsReadsUntilItIsWritten() {
        FaultPlan.Run run = FaultPlan.of(Fault.badSectors(8, 2)).start(nanos::get);
        assertThat(List.of(
                        read(0, 8),
                        read(0, 9),
                        read(9, 1),
                        write(8, 1),
                        read(8, 1),
                        read(8, 2),
                        write(0, 100),
                        read(8, 2)))
                .extracting(run::judge)
                .containsExactly(Verdict.PASS, EIO, EIO, Verdict.PASS, Verdict.PASS, EIO, Verdict.PASS, Verdict.PASS);
    }

    @Test
    void aBadSectorMayFailItsFirstWritesToo() {
        FaultPlan.Run run = FaultPlan.of(Fault.badSectors(8, 1, 2)).start(nanos::get);
        assertThat(List.of(write(8, 1), write(0, 16), read(8, 1), write(8, 1), read(8, 1), write(8, 1)))
                .extracting(run::judge)
                .containsExactly(EIO, EIO, EIO, Verdict.PASS, Verdict.PASS, Verdict.PASS);
    }

    @Test
    void aRandomTearAlwaysLosesTheLastSector(SplittableRandom random) {
        FaultPlan.Run run =
                FaultPlan.of(Fault.tornAtRandom(random.nextLong(), Errno.EIO)).start(nanos::get);
        assertThat(IntStream.range(0, 200)
                        .mapToLong(
                                i -> ((Verdict.Act.Tear) run.judge(write(0, 4)).act()).sectorsKept()))
                .contains(0L, 3L)
                .allMatch(kept -> kept >= 0 && kept < 4);
        assertThat(run.judge(write(0, 0))).isEqualTo(Verdict.PASS);
    }

    @Test
    void impossibleFaultsCannotBeBuilt() {
        Fault fault = Fault.errno(Errno.EIO);
        assertThatThrownBy(() -> fault.nth(0)).hasMessageContaining("counted from 1");
        assertThatThrownBy(() -> fault.chance(1.5, 1)).hasMessageContaining("1.5 is not between 0 and 1");
        assertThatThrownBy(() -> fault.chance(Double.NaN, 1)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> fault.upDown(0, 0)).hasMessageContaining("not both 0");
        assertThatThrownBy(() -> fault.upDown(Duration.ofSeconds(-1), Duration.ZERO))
                .hasMessageContaining("at least 0");
        assertThatThrownBy(() -> fault.within(3, 0)).hasMessageContaining("nowhere");
        assertThatThrownBy(() -> Fault.delayed(Duration.ofNanos(-1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Fault.torn(-1, Errno.EIO)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Fault.badSectors(0, 1, -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Fault.overwritten(0, 256)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    private List<Verdict> verdicts(FaultPlan plan, int ops) {
        FaultPlan.Run run = plan.start(nanos::get);
        List<Verdict> verdicts = new ArrayList<>();
        for (int i = 0; i < ops; i++) {
            verdicts.add(run.judge(write(i, 8)));
        }
        return verdicts;
    }

    private static BlockOp read(long sector, int count) {
        return new BlockOp.Read(sector, Unpooled.buffer(count * 512, count * 512));
    }

    private static BlockOp write(long sector, int count) {
        return new BlockOp.Write(sector, Unpooled.buffer(count * 512, count * 512), false);
    }
}
