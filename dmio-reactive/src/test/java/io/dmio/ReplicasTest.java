package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.dmio.device.DeadlineDevice;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import io.dmio.testkit.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Any of several equal regions is read, and another one if it fails. */
class ReplicasTest {

    private static final long SECTORS = 64;

    private final DmIo io = DmIo.create().get(64);
    private final VmBuffer into = VmBuffer.allocate((int) SECTORS * Sectors.BYTES);

    @AfterEach
    void nothingIsLeft() {
        StepVerifier.create(io.close()).verifyComplete();
        assertThat(io.budget().inUse()).isZero();
        assertThat(into.buffer().refCnt()).isEqualTo(1);
        into.release();
    }

    @Test
    void readsGoRoundAndToTheLeastBusy() {
        List<ManualDevice> legs = List.of(manual("a"), manual("b"), manual("c"));
        Replicas replicas = replicas(legs);
        for (int i = 0; i < 6; i++) {
            replicas.read(0, 1, into).subscribe();
        }
        assertThat(legs).allSatisfy(leg -> assertThat(leg.ops()).hasSize(2));
        legs.get(1).answerFrom(0);
        replicas.read(0, 1, into).subscribe();
        replicas.read(0, 1, into).subscribe();
        assertThat(legs.get(1).ops())
                .as("it has none in flight, then one, where the others have two")
                .hasSize(4);
        legs.get(0).answerFrom(0);
        legs.get(1).answerFrom(2);
        legs.get(2).answerFrom(0);
    }

    @Test
    void aLegThatFailsIsToldAndTriedLastForAWhile() {
        FaultyDevice bad =
                FaultyDevice.of(memory("bad", 1), Fault.errno(Errno.EIO).on(BlockOp.Kind.READ));
        MemoryDevice good = memory("good", 2);
        Replicas replicas = replicas(List.of(bad, good));
        StepVerifier.create(replicas.read(into))
                .assertNext(result -> {
                    assertThat(result.region()).isEqualTo(1);
                    assertThat(result.failed()).isEqualTo(ErrorBits.ofBits(0b01));
                    assertThat(result.failed().cause(0).orElseThrow().device()).isEqualTo("bad");
                })
                .verifyComplete();
        assertThat(into.buffer().getByte(0)).isEqualTo((byte) 2);
        long asked = bad.ops(BlockOp.Kind.READ);
        for (int i = 0; i < 200; i++) {
            replicas.read(into).block();
        }
        assertThat(bad.ops(BlockOp.Kind.READ)).isEqualTo(asked);
        for (int i = 0; i < 400; i++) {
            replicas.read(into).block();
        }
        assertThat(bad.ops(BlockOp.Kind.READ)).as("looked at now and then").isBetween(asked + 1, asked + 4);
    }

    @Test
    void aReadThatNoneCanServeErrorsWithWhyAndLeavesZeroes() {
        Replicas replicas = replicas(List.of(
                FaultyDevice.of(memory("a", 1), Fault.errno(Errno.EIO)),
                FaultyDevice.of(memory("b", 1), Fault.errno(Errno.ENODATA))));
        into.buffer().setByte(5, 77);
        StepVerifier.create(replicas.read(into))
                .expectErrorSatisfies(error -> {
                    assertThat(error).isInstanceOf(DeviceException.class).hasMessageStartingWith("EIO: a");
                    assertThat(error.getSuppressed())
                            .singleElement()
                            .extracting(Throwable::getMessage)
                            .asString()
                            .startsWith("ENODATA: b");
                })
                .verify();
        assertThat(into.buffer().getByte(5)).isZero();
    }

    @Test
    void aDeviceThatFailsWithOneExceptionAgainAndAgainKeepsNothingOfTheOthers() {
        DeviceException always = DeviceException.of(Errno.EIO, "a", "gone");
        BlockDevice gone = new ForwardingDevice(memory("a", 1)) {
            @Override
            public Mono<Void> submit(BlockOp op) {
                return Mono.error(always);
            }
        };
        Replicas replicas = replicas(List.of(gone, FaultyDevice.of(memory("b", 1), Fault.errno(Errno.ENODATA))));
        for (int i = 0; i < 3; i++) {
            StepVerifier.create(replicas.read(into))
                    .expectErrorSatisfies(error -> {
                        assertThat(error).hasMessageStartingWith("EIO: a").hasCause(always);
                        assertThat(error.getSuppressed()).hasSize(1);
                    })
                    .verify();
        }
        assertThat(always.getSuppressed()).isEmpty();
    }

    @Test
    void aLegThatHangsIsPassedOverByADeadlineAndAnswersToNobody() {
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        ManualDevice hung = manual("hung");
        BlockDevice timed = DeadlineDevice.of(hung, Duration.ofSeconds(1)).withScheduler(() -> clock);
        Replicas replicas = replicas(List.of(timed, memory("good", 3)));
        AtomicReference<Replicas.Result> told = new AtomicReference<>();
        replicas.read(into).subscribe(told::set);
        assertThat(told).hasValue(null);
        clock.advanceTimeBy(Duration.ofSeconds(1));
        assertThat(Objects.requireNonNull(told.get()).region()).isEqualTo(1);
        hung.answer(0);
        assertThat(into.buffer().getByte(0)).as("not what came too late").isEqualTo((byte) 3);
    }

    @Test
    @ExtendWith(Seed.class)
    void whateverFailsTheContentIsWhatWasWrittenOrAnErrorIsTold(SplittableRandom random) {
        byte[] content = new byte[(int) SECTORS * Sectors.BYTES];
        random.nextBytes(content);
        List<BlockDevice> legs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            MemoryDevice leg = MemoryDevice.of("leg" + i, SECTORS);
            leg.load(0, content);
            legs.add(FaultyDevice.of(
                    leg, Fault.errno(Errno.EIO).on(BlockOp.Kind.READ).chance(0.5, random.nextLong())));
        }
        Replicas replicas = replicas(legs);
        int failed = 0;
        for (int round = 0; round < 500; round++) {
            int from = random.nextInt((int) SECTORS);
            int count = 1 + random.nextInt((int) SECTORS - from);
            try {
                Replicas.Result result =
                        replicas.read(from, count, into).blockOptional().orElseThrow();
                assertThat(result.failed().failed(result.region())).isFalse();
                byte[] got = new byte[count * Sectors.BYTES];
                into.buffer().getBytes(0, got);
                assertThat(got)
                        .isEqualTo(Arrays.copyOfRange(content, from * Sectors.BYTES, (from + count) * Sectors.BYTES));
            } catch (DeviceException none) {
                failed++;
            }
        }
        assertThat(failed).as("of 500, one in eight").isBetween(1, 200);
    }

    @Test
    void regionsThatCannotBeEqualAreRefused() {
        MemoryDevice disk = memory("disk", 1);
        assertThatIllegalArgumentException().isThrownBy(() -> Replicas.of(io, List.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Replicas.of(io, List.of(new IoRegion(disk, 0, 1), new IoRegion(disk, 8, 2))))
                .withMessageContaining("do not hold the same");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> replicas(List.of(disk)).read(60, 5, into));
    }

    private Replicas replicas(List<? extends BlockDevice> legs) {
        return Replicas.of(
                io, legs.stream().map(leg -> new IoRegion(leg, 0, SECTORS)).toList());
    }

    private static ManualDevice manual(String name) {
        return ManualDevice.of(name, SECTORS);
    }

    private static MemoryDevice memory(String name, int filled) {
        MemoryDevice device = MemoryDevice.of(name, SECTORS);
        byte[] content = new byte[(int) SECTORS * Sectors.BYTES];
        Arrays.fill(content, (byte) filled);
        device.load(0, content);
        return device;
    }

    @Test
    void whereNoneCouldBeReadNothingOfAnyIsLeft() {
        DmIo inSpans = DmIo.builder().transferBytesMax(4096).build().get(8);
        List<FaultyDevice> legs = new ArrayList<>(); // each reads one half
        for (int half = 0; half < 2; half++) {
            MemoryDevice memory = MemoryDevice.of("leg " + half, SECTORS);
            byte[] content = new byte[(int) SECTORS * Sectors.BYTES];
            Arrays.fill(content, (byte) 7);
            memory.load(0, content);
            Fault unreadable = Fault.errno(Errno.EIO).within(half * SECTORS / 2, SECTORS / 2);
            legs.add(FaultyDevice.of(memory, unreadable));
        }
        Replicas replicas =
                Replicas.of(inSpans, legs.stream().map(IoRegion::all).toList());
        for (int i = 0; i < 2; i++) {
            StepVerifier.create(replicas.read(into)).verifyError(DeviceException.class);
            assertThat(PagePool.isZero(into.buffer().nioBuffer(0, (int) into.bytes()), 0, (int) into.bytes()))
                    .isTrue();
        }
        inSpans.close().block();
    }
}
