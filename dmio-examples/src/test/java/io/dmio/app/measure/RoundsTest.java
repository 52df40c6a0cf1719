package io.dmio.app.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Real loads on devices in memory, for milliseconds. */
class RoundsTest {

    private static final int SECTORS = 2048;
    private static final Timing SHORT = new Timing(Duration.ofMillis(2), Duration.ofMillis(50), 2);

    private final List<FaultyDevice> opened = new ArrayList<>();
    private final List<String> order = new ArrayList<>();

    @Test
    void everyVariantIsMeasuredInEveryRound() {
        List<Result> results = run(List.of(Samples.variant("a", 1), Samples.variant("b", 4)), Mono.never());
        assertThat(order).as("each round starts with another").containsExactly("a", "b", "b", "a");
        assertThat(results).hasSize(2).allSatisfy(result -> {
            assertThat(result.broken()).as(result.cause()).isFalse();
            assertThat(result.requests()).isPositive();
            assertThat(result.legOpsPerSecondBySample()).hasSize(2);
            assertThat(result.latencyMicrosMax()).isGreaterThanOrEqualTo(result.latencyMicros(50));
        });
    }

    @Test
    void aWriteToThreeLegsCountsThree() {
        Result result = run(List.of(new Variant("a", 3, Workload.WRITE, Access.SEQUENTIAL, 8192, 2)), Mono.never())
                .get(0);
        double legOps = result.legOpsPerSecondBySample().get(0);
        assertThat(legOps).isPositive();
        assertThat(opened).hasSize(6).allSatisfy(leg -> {
            assertThat(leg.ops(BlockOp.Kind.WRITE)).isPositive();
            assertThat(leg.ops(BlockOp.Kind.READ)).isZero();
        });
        assertThat(opened.get(0).ops(BlockOp.Kind.WRITE))
                .isEqualTo(opened.get(1).ops(BlockOp.Kind.WRITE));
    }

    @Test
    void readsTakeTurnsOnTheLegsAndWriteNothing() {
        run(List.of(new Variant("a", 2, Workload.READ, Access.RANDOM, 512, 1)), Mono.never());
        long first = opened.get(0).ops(BlockOp.Kind.READ);
        long second = opened.get(1).ops(BlockOp.Kind.READ);
        assertThat(Math.abs(first - second)).isLessThanOrEqualTo(1);
        assertThat(opened)
                .allSatisfy(leg -> assertThat(leg.ops(BlockOp.Kind.WRITE)).isZero());
    }

    @Test
    void mixedWorkDoesBoth() {
        run(List.of(new Variant("a", 1, new Workload(50), Access.RANDOM, 4096, 2)), Mono.never());
        assertThat(opened.get(0).ops(BlockOp.Kind.READ)).isPositive();
        assertThat(opened.get(0).ops(BlockOp.Kind.WRITE)).isPositive();
    }

    @Test
    void errorsOfALegAreCountedWithTheirCause() {
        Fault fault = Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).after(5);
        List<Result> results = new Rounds(List.of(Samples.variant("a", 2)), SHORT)
                .run(v -> legs(v, fault), Mono.never(), (v, done) -> {});
        assertThat(results).hasSize(1);
        assertThat(results.get(0).broken()).isTrue();
        assertThat(results.get(0).errors()).isPositive();
        assertThat(results.get(0).cause()).startsWith("EIO: leg-0: write");
    }

    @Test
    void aFlushThatFailsBreaksTheResultToo() {
        Fault fault = Fault.errno(Errno.ENOSPC).on(BlockOp.Kind.FLUSH);
        List<Result> results = new Rounds(List.of(Samples.variant("a", 2)), SHORT)
                .run(v -> legs(v, fault), Mono.never(), (v, done) -> {});
        assertThat(results.get(0).errors()).isEqualTo(2);
        assertThat(results.get(0).cause()).startsWith("ENOSPC: leg-0: flush");
    }

    @Test
    void aStopEndsItAndKeepsWhatWasMeasured() {
        Mono<Void> stop = Mono.defer(() -> order.size() > 1 ? Mono.empty() : Mono.never());
        List<Result> results = run(List.of(Samples.variant("a", 1), Samples.variant("b", 1)), stop);
        assertThat(results).hasSize(1);
        assertThat(results.get(0).variant().engine()).isEqualTo("a");
        assertThat(opened)
                .hasSize(2)
                .allSatisfy(leg -> StepVerifier.create(leg.submit(new BlockOp.Flush()))
                        .expectErrorMessage("ESHUTDOWN: leg-0: flush: " + Errno.ESHUTDOWN.meaning())
                        .verify());
    }

    private List<Result> run(List<Variant> variants, Mono<Void> stop) {
        return new Rounds(variants, SHORT).run(this::legs, stop, (variant, done) -> order.add(variant.engine()));
    }

    private Legs legs(Variant variant, Fault... faults) {
        List<BlockDevice> legs = new ArrayList<>();
        IntStream.range(0, variant.legs()).forEach(i -> {
            FaultyDevice leg = FaultyDevice.of(MemoryDevice.of("leg-" + i, SECTORS), faults);
            opened.add(leg);
            legs.add(leg);
        });
        return new Legs(legs, SECTORS * 512L);
    }
}
