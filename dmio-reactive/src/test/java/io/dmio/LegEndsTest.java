package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Every way in which an operation of one leg can end, on both ways of a request: it is that leg's bit, while its siblings run
 * to their ends, and memory and pages come back.
 */
class LegEndsTest {

    private static final int SPAN_BYTES = 4096;

    private final PageBudget budget = new PageBudget(4, 10);

    /** How a device may fail what it was asked, with something. */
    static Map<String, Function<Throwable, Supplier<Mono<Void>>>> failures() {
        Map<String, Function<Throwable, Supplier<Mono<Void>>>> all = new LinkedHashMap<>();
        all.put("throws when asked", what -> () -> {
            throw BadDevices.sneaky(what);
        });
        all.put(
                "throws when subscribed to",
                what -> () -> BadDevices.raw(actual -> {
                    throw BadDevices.sneaky(what);
                }));
        all.put(
                "throws after its onSubscribe",
                what -> () -> BadDevices.raw(actual -> {
                    actual.onSubscribe(Operators.emptySubscription());
                    throw BadDevices.sneaky(what);
                }));
        all.put(
                "throws inside an operator",
                what -> () -> Mono.defer(() -> {
                    throw BadDevices.sneaky(what);
                }));
        all.put("signals", what -> () -> BadDevices.raw(actual -> Operators.error(actual, what)));
        all.put(
                "signals and throws",
                what -> () -> BadDevices.raw(actual -> {
                    Operators.error(actual, what);
                    throw BadDevices.sneaky(what);
                }));
        all.put(
                "signals an error and an end",
                what -> () -> BadDevices.raw(actual -> {
                    Operators.error(actual, what);
                    actual.onComplete();
                }));
        return all;
    }

    static Stream<Arguments> waysToFail() {
        List<Throwable> thrown = List.of(
                new OutOfMemoryError("Direct buffer memory"),
                new StackOverflowError(),
                new NoClassDefFoundError("of a driver"),
                new AssertionError("of a driver"),
                new IllegalStateException("a bug"));
        return Stream.of(FanOutWay.values())
                .flatMap(way -> failures().entrySet().stream()
                        .flatMap(how -> thrown.stream()
                                .map(what -> Arguments.of(
                                        way, how.getKey(), what, how.getValue().apply(what)))));
    }

    @ParameterizedTest(name = "{0}: {1} {2}")
    @MethodSource("waysToFail")
    void whateverALegFailsWithIsItsBitWhenItsSiblingsHaveEnded(
            FanOutWay way, String how, Throwable what, Supplier<Mono<Void>> bad) {
        ManualDevice slow = ManualDevice.of("slow", 80);
        ByteBuf page = PagePool.shared().allocate(4096);
        CompletableFuture<ErrorBits> result = way.run(
                        budget, FanOutWay.write(VmBuffer.of(page), slow, BadDevices.device(op -> bad.get()), slow))
                .contextWrite(context -> quiet(context, late -> {}))
                .toFuture();
        assertThat(slow.ops()).as("both siblings were asked").hasSize(2);
        assertThat(result).isNotDone();
        assertThat(budget.inUse()).isEqualTo(1);
        slow.answerFrom(0);

        assertThat(result).isCompleted();
        assertThat(result.join().toLong()).isEqualTo(0b010);
        assertThat(result.join().cause(1)).hasValueSatisfying(cause -> {
            assertThat(cause.getCause()).isSameAs(what);
            assertThat(cause.errno()).isEqualTo(what instanceof OutOfMemoryError ? Errno.ENOMEM : Errno.EIO);
        });
        assertThat(page.refCnt()).isEqualTo(1);
        assertThat(budget.inUse()).isZero();
        page.release();
    }

    @ParameterizedTest
    @EnumSource
    @NullUnmarked
    void neitherNothingNorAnEmptyErrorIsSuccess(FanOutWay way) {
        BlockDevice nothing = BadDevices.device(op -> null);
        BlockDevice empty = BadDevices.device(op -> BadDevices.raw(actual -> {
            actual.onSubscribe(Operators.emptySubscription());
            actual.onError(null);
        }));
        ErrorBits bits = way.run(
                        budget,
                        FanOutWay.write(VmBuffer.of(new byte[4096]), nothing, MemoryDevice.of("good", 80), empty))
                .block();
        assertThat(bits.toLong()).isEqualTo(0b101);
        assertThat(bits.cause(0).orElseThrow().getCause()).isInstanceOf(NullPointerException.class);
        assertThat(budget.inUse()).isZero();
    }

    @Test
    void everyKindOfRequestOutlivesALegThatThrows() {
        Error what = new NoClassDefFoundError("of a driver");
        BlockDevice bad = BadDevices.device(op -> {
            throw what;
        });
        VmBuffer memory = VmBuffer.allocate(4 * SPAN_BYTES);
        List<Function<ManualDevice, IoRequest>> requests = List.of(
                slow -> IoRequest.flush(regions(slow, bad)),
                slow -> IoRequest.discard(regions(slow, bad)),
                slow -> IoRequest.writeZeroes(regions(slow, bad)),
                slow -> IoRequest.write(regions(slow, bad), memory, WriteOptions.NONE),
                slow -> IoRequest.write(regions(slow, bad), memory, WriteOptions.NONE.withStableCopy()),
                slow -> IoRequest.write(regions(slow, bad), memory, WriteOptions.NONE.withPreflush()),
                slow -> IoRequest.write(regions(slow, bad), memory, WriteOptions.NONE.withFua()));
        for (Function<ManualDevice, IoRequest> request : requests) {
            ManualDevice slow = ManualDevice.of("slow", 80);
            CompletableFuture<ErrorBits> result =
                    new Dispatch(request.apply(slow), budget, SPAN_BYTES, false).toFuture();
            assertThat(result).isNotDone();
            slow.answerFrom(0);
            assertThat(result).isCompletedWithValue(ErrorBits.ofBits(0b10));
            assertThat(memory.buffer().refCnt()).isEqualTo(1);
            assertThat(budget.inUse()).isZero();
        }
        memory.release();
        budget.close().block();
    }

    /** A device without force unit access: the write goes well, and the flush after it throws. */
    @Test
    void aFlushThatThrowsAfterItsWriteIsTheLegsBit() {
        MemoryDevice store = MemoryDevice.of("store", 80);
        BlockDevice noFua = BadDevices.device(
                DeviceInfo.of("disk", 80, "test").withCapabilities(EnumSet.of(Capability.FLUSH)), op -> {
                    if (op.kind() == BlockOp.Kind.FLUSH) {
                        throw new NoClassDefFoundError("of a driver");
                    }
                    return store.submit(op);
                });
        ErrorBits bits = new Dispatch(
                        IoRequest.write(
                                List.of(new IoRegion(noFua, 0, 8)),
                                VmBuffer.of(new byte[4096]),
                                WriteOptions.NONE.withFua()),
                        budget,
                        SPAN_BYTES,
                        false)
                .block();
        assertThat(bits).isEqualTo(ErrorBits.ofBits(1));
        assertThat(budget.inUse()).isZero();
    }

    /** Memory that has gone when the third span needs it, while the second is in flight. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void memoryThatIsGoneMidwayIsEveryLegsBitWhenAllHaveEnded(boolean preflush) {
        PageBudget two = new PageBudget(2, 10);
        ManualDevice disk = ManualDevice.of("disk", 80);
        PageList memory = PageList.allocate(3);
        WriteOptions options = preflush ? WriteOptions.NONE.withPreflush() : WriteOptions.NONE;
        IoRequest request =
                IoRequest.write(List.of(new IoRegion(disk, 0, 24), new IoRegion(disk, 40, 24)), memory, options);
        CompletableFuture<ErrorBits> result = new Dispatch(request, two, SPAN_BYTES, false).toFuture();
        int first = preflush ? 2 : 0;
        for (int flush = 0; flush < first; flush++) {
            disk.answer(flush);
        }
        memory.pages().get(2).release();
        disk.answer(first);
        disk.answer(first + 1);
        assertThat(result).as("the second span is in flight").isNotDone();
        disk.answerFrom(first + 2);

        assertThat(disk.ops()).hasSize(first + 4);
        assertThat(result).isCompletedWithValue(ErrorBits.ofBits(0b11));
        assertThat(result.join().cause(1).orElseThrow()).hasMessageContaining("the memory could not be had");
        assertThat(two.inUse()).isZero();
        memory.pages().subList(0, 2).forEach(ByteBuf::release);
    }

    @ParameterizedTest
    @EnumSource
    void memoryReleasedWhileItIsWrittenIsEveryLegsBit(FanOutWay way) {
        ManualDevice disk = ManualDevice.of("disk", 80);
        ByteBuf page = PagePool.shared().allocate(4096);
        CompletableFuture<ErrorBits> result =
                way.run(budget, FanOutWay.write(VmBuffer.of(page), disk, disk)).toFuture();
        disk.answer(0);
        while (page.refCnt() > 1) {
            page.release(); // the references of the others, too
        }
        disk.answer(1);
        assertThat(result).isCompletedWithValue(ErrorBits.ofBits(0b11));
        assertThat(budget.inUse()).isZero();
    }

    @Test
    void aBlockLargerThanTheBudgetIsRefusedBeforeThePreflush() {
        ManualDevice coarse =
                new ManualDevice(ManualDevice.of("coarse", 1024).info().withBlocks(65536, 65536));
        IoRequest request = IoRequest.write(
                List.of(new IoRegion(coarse, 0, 128)), VmBuffer.of(new byte[65536]), WriteOptions.NONE.withPreflush());
        assertThat(new Dispatch(request, budget, SPAN_BYTES, false).toFuture()).isCompletedExceptionally();
        assertThat(coarse.ops()).isEmpty();
        assertThat(budget.inUse()).isZero();
    }

    @Test
    void aPieceThatThrowsLeavesZeroesAndTheOthersTheirBytes() {
        MemoryDevice store = MemoryDevice.of("store", 80);
        byte[] ones = new byte[16 * 512];
        Arrays.fill(ones, (byte) 1);
        store.load(0, ones);
        BlockDevice bad = BadDevices.device(DeviceInfo.of("disk", 80, "test").withTransferBytesMax(1024), op -> {
            if (op.sector() == 4) {
                throw new OutOfMemoryError("Direct buffer memory");
            }
            return store.submit(op);
        });
        byte[] into = new byte[16 * 512];
        Arrays.fill(into, (byte) 9);
        ErrorBits bits = new Dispatch(
                        IoRequest.read(new IoRegion(bad, 0, 16), VmBuffer.of(into)), budget, SPAN_BYTES, false)
                .block();
        Arrays.fill(ones, 4 * 512, 6 * 512, (byte) 0);
        assertThat(bits).isEqualTo(ErrorBits.ofBits(1));
        assertThat(into).isEqualTo(ones);
    }

    @ParameterizedTest
    @EnumSource
    void anErrorThatComesAfterTheEndIsDroppedWhereSomebodyHearsOfIt(FanOutWay way) {
        List<Throwable> dropped = new ArrayList<>();
        Error late = new AssertionError("after the end");
        BlockDevice talkative = BadDevices.device(op -> BadDevices.raw(actual -> {
            Operators.complete(actual);
            actual.onError(late);
        }));
        ErrorBits bits = way.run(budget, FanOutWay.write(VmBuffer.of(new byte[4096]), talkative))
                .contextWrite(context -> quiet(context, dropped::add))
                .block();
        assertThat(bits).isEqualTo(ErrorBits.NONE);
        assertThat(dropped).containsExactly(late);
    }

    /** A hook, as Reactor has it for whole processes and for one subscriber. */
    private static Context quiet(Context context, Consumer<? super Throwable> hook) {
        return context.put("reactor.onErrorDropped.local", hook);
    }

    private static List<IoRegion> regions(BlockDevice... devices) {
        return Stream.of(devices).map(device -> new IoRegion(device, 8, 32)).toList();
    }
}
