package io.dmio.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Sectors;
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

    private static final DeviceInfo DISK = DeviceInfo.of("disk", 1000, "memory");
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
        FaultPlan.Run first = plan.start(DISK, nanos::get);
        first.written(write(100, 1));
        assertThat(List.of(first.judge(write(100, 1)), first.judge(read(100, 1))))
                .containsExactly(EIO, Verdict.PASS);
        FaultPlan.Run second = plan.start(DISK, nanos::get);
        assertThat(List.of(second.judge(new BlockOp.Flush()), second.judge(read(100, 1))))
                .containsExactly(EIO, EIO);
    }

    @Test
    void theNthOfAKindCountsOnlyThatKind() {
        FaultPlan.Run run = FaultPlan.of(
                        Fault.errno(Errno.EIO).on(BlockOp.Kind.FLUSH).nth(2))
                .start(DISK, nanos::get);
        assertThat(List.of(new BlockOp.Flush(), read(0, 1), write(0, 1), new BlockOp.Flush(), new BlockOp.Flush()))
                .extracting(run::judge)
                .containsExactly(Verdict.PASS, Verdict.PASS, Verdict.PASS, EIO, Verdict.PASS);
    }

    @Test
    void aRangeIsTouchedByItsFirstAndLastSectorAndNotByTheirNeighboursNorByAFlush() {
        FaultPlan.Run run = FaultPlan.of(Fault.errno(Errno.EIO).within(10, 5)).start(DISK, nanos::get);
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
                .start(DISK, nanos::get);
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
                .start(DISK, nanos::get);
        assertThat(run.judge(write(0, 1))).isEqualTo(new Verdict(true, Duration.ofMillis(5), EIO.act()));
    }

    @Test
    void aRandomTearAlwaysLosesTheLastSector(SplittableRandom random) {
        FaultPlan.Run run =
                FaultPlan.of(Fault.tornAtRandom(random.nextLong(), Errno.EIO)).start(DISK, nanos::get);
        assertThat(IntStream.range(0, 200)
                        .mapToLong(
                                i -> ((Verdict.Act.Tear) run.judge(write(0, 4)).act()).sectorsKept()))
                .contains(0L, 3L)
                .allMatch(kept -> kept >= 0 && kept < 4);
        assertThat(run.judge(write(0, 0))).isEqualTo(Verdict.PASS);
    }

    @Test
    void aFaultThatHasNothingToChangeLetsTheNextOneDecide() {
        List<Fault> passing = List.of(
                Fault.flipped(512),
                Fault.flipped(Integer.MAX_VALUE),
                Fault.overwritten(512, 7),
                Fault.tornUnnoticed(1),
                Fault.tornUnnoticed(Sectors.MAX),
                Fault.misdirected(0),
                Fault.misdirected(501),
                Fault.misdirected(-500),
                Fault.misdirected(Long.MAX_VALUE),
                Fault.misdirected(Long.MIN_VALUE),
                Fault.badSectors(0, 499),
                Fault.badSectors(500, 1)); // a write heals
        for (Fault fault : passing) {
            FaultPlan.Run run = FaultPlan.of(fault, Fault.errno(Errno.EIO)).start(DISK, nanos::get);
            assertThat(run.judge(write(499, 1))).as("%s", fault).isEqualTo(EIO);
            assertThat(FaultPlan.of(fault).start(DISK, nanos::get).judge(write(499, 1)))
                    .as("%s", fault)
                    .isEqualTo(Verdict.PASS);
        }
    }

    @Test
    void whatCarriesNoDataCannotBeCorruptedAndWhatHasNoPlaceCannotBeMisdirected() {
        BlockOp discard = new BlockOp.Discard(0, 8);
        BlockOp flush = new BlockOp.Flush();
        for (Fault fault : List.of(Fault.flipped(0), Fault.overwritten(0, 1), Fault.flippedAtRandom(1))) {
            FaultPlan.Run run = FaultPlan.of(fault.on(BlockOp.Kind.DISCARD, BlockOp.Kind.FLUSH))
                    .start(DISK, nanos::get);
            assertThat(List.of(run.judge(discard), run.judge(flush))).containsOnly(Verdict.PASS);
        }
        FaultPlan.Run moved =
                FaultPlan.of(Fault.misdirected(8).on(BlockOp.Kind.FLUSH)).start(DISK, nanos::get);
        assertThat(moved.judge(flush)).isEqualTo(Verdict.PASS);
    }

    @Test
    void anOpWithoutSectorsTouchesNone() {
        FaultPlan.Run run = FaultPlan.of(Fault.errno(Errno.EIO).within(10, 5)).start(DISK, nanos::get);
        assertThat(List.of(run.judge(read(12, 0)), run.judge(new BlockOp.Discard(12, 0))))
                .containsOnly(Verdict.PASS);
    }

    @Test
    void kindsAndRangesReplaceThoseNamedBefore() {
        Fault fault = Fault.errno(Errno.EIO)
                .on(BlockOp.Kind.FLUSH)
                .on(BlockOp.Kind.WRITE)
                .within(0, 8)
                .within(8, 8);
        FaultPlan.Run run = FaultPlan.of(fault).start(DISK, nanos::get);
        assertThat(List.of(run.judge(new BlockOp.Flush()), run.judge(write(0, 8)), run.judge(write(8, 8))))
                .containsExactly(Verdict.PASS, Verdict.PASS, EIO);
    }

    @Test
    void everyTriggerMustAgreeAndCountsWhatTheFilterLetsThrough() {
        FaultPlan.Run run = FaultPlan.of(Fault.errno(Errno.EIO)
                        .on(BlockOp.Kind.WRITE)
                        .after(2)
                        .first(4)
                        .upDown(1, 1))
                .start(DISK, nanos::get);
        List<Verdict> verdicts = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            assertThat(run.judge(read(0, 1))).isEqualTo(Verdict.PASS);
            verdicts.add(run.judge(write(0, 1)));
        }
        assertThat(verdicts).containsExactly(Verdict.PASS, Verdict.PASS, Verdict.PASS, EIO, Verdict.PASS, Verdict.PASS);
    }

    @Test
    void aNarrowerFaultLeavesTheWiderOneAsItWas() {
        Fault wide = Fault.errno(Errno.EIO);
        String before = wide.toString();
        assertThat(wide.nth(7).on(BlockOp.Kind.READ).within(0, 1)).isNotSameAs(wide);
        FaultPlan plan = FaultPlan.of(wide);
        assertThat(plan.and(Fault.dropped())).isNotSameAs(plan);
        assertThat(List.of(wide.toString(), plan.toString())).containsExactly(before, "FaultPlan.of(" + before + ")");
        assertThat(verdicts(FaultPlan.none(), 3)).containsOnly(Verdict.PASS);
    }

    private List<Verdict> verdicts(FaultPlan plan, int ops) {
        FaultPlan.Run run = plan.start(DISK, nanos::get);
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
