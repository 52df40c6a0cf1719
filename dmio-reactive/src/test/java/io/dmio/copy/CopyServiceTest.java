package io.dmio.copy;

import static io.dmio.copy.CopyFixture.assertCopied;
import static io.dmio.copy.CopyFixture.assertIdle;
import static io.dmio.copy.CopyFixture.assertUntouched;
import static io.dmio.copy.CopyFixture.blank;
import static io.dmio.copy.CopyFixture.onePagePieces;
import static io.dmio.copy.CopyFixture.part;
import static io.dmio.copy.CopyFixture.run;
import static io.dmio.copy.CopyFixture.source;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import io.dmio.testkit.Patterns;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.Exceptions;
import reactor.test.StepVerifier;

/** Copies and zeroings that go well, and requests that are refused. */
class CopyServiceTest {

    private final CopyService service = onePagePieces().pages(4).build();

    @AfterEach
    void nothingIsLeftInFlight() {
        assertIdle(service);
        service.close().block();
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "7, 2", "8, 8", "9, 1", "63, 3", "64, 64", "65, 2", "127, 8", "128, 1", "129, 2", "1025, 3"})
    void everyDestinationGetsEveryByteAndNothingElseChanges(int count, int legs) {
        MemoryDevice source = source(3 + count);
        List<MemoryDevice> devices = new ArrayList<>();
        List<IoRegion> to = new ArrayList<>();
        for (int i = 0; i < legs; i++) {
            devices.add(blank("leg" + i, count + 70L, 512));
            to.add(part(devices.get(i), i + 1L, count));
        }

        CopyResult result = run(service.copy(part(source, 3, count), to));

        assertThat(result.isComplete()).isTrue();
        assertThat(result)
                .isEqualTo(new CopyResult(ErrorBits.NONE, List.of(), count * 512L, 0, count * 512L, count * 512L));
        for (int i = 0; i < legs; i++) {
            assertCopied(devices.get(i), i + 1L, 3, count);
            assertUntouched(devices.get(i), 0, i + 1);
            assertUntouched(devices.get(i), i + 1L + count, 69 - i);
        }
    }

    @Test
    void blocksOf512And4096BytesMix() {
        MemoryDevice source = source(80);
        MemoryDevice coarse = blank("coarse", 80, 4096);
        MemoryDevice fine = blank("fine", 81, 512);

        CopyResult result = run(service.copy(part(source, 3, 72), List.of(part(coarse, 8, 72), part(fine, 5, 72))));

        assertThat(result.isComplete()).isTrue();
        assertCopied(coarse, 8, 3, 72);
        assertCopied(fine, 5, 3, 72);
    }

    @Test
    void aBlockLargerThanAPieceMakesThePieceOneBlock() {
        MemoryDevice source = source(96);
        MemoryDevice coarse = blank("coarse", 96, 16384);

        assertThat(run(service.copy(part(source, 0, 96), List.of(part(coarse, 0, 96))))
                        .isComplete())
                .isTrue();

        assertCopied(coarse, 0, 0, 96);
    }

    @Test
    void aBlockLargerThanAllPagesIsRefusedBeforeAnyIo() {
        MemoryDevice coarse = blank("coarse", 64, 32768);

        StepVerifier.create(service.copy(part(source(64), 0, 64), List.of(part(coarse, 0, 64)))
                        .run())
                .expectErrorMatches(e -> e instanceof IllegalStateException
                        && String.valueOf(e.getMessage()).contains("4 pages"))
                .verify();
    }

    @Test
    void anEmptyCopySucceedsAndTouchesNothing() {
        ManualDevice source = ManualDevice.of("source", 8);
        ManualDevice leg = ManualDevice.of("leg", 8);

        assertThat(run(service.copy(part(source, 4, 0), List.of(part(leg, 2, 0))))
                        .isComplete())
                .isTrue();

        assertThat(source.ops()).isEmpty();
        assertThat(leg.ops()).isEmpty();
    }

    @Test
    void nothingHappensBeforeSubscribeAndEachSubscriptionCopiesAgain() {
        FaultyDevice source = FaultyDevice.of(source(16));
        Copy copy = service.copy(part(source, 0, 16), List.of(part(blank("leg", 16, 512), 0, 16)));
        assertThat(source.ops(BlockOp.Kind.READ)).isZero();

        StepVerifier.create(copy.run().repeat(2)).expectNextCount(3).verifyComplete();

        assertThat(source.ops(BlockOp.Kind.READ)).isEqualTo(6);
    }

    @Test
    void aCopyThatRunsIsNotRunTwiceAtATime() {
        ManualDevice source = ManualDevice.of("source", 8);
        Copy copy = service.copy(part(source, 0, 8), List.of(part(blank("leg", 8, 512), 0, 8)));

        StepVerifier.create(copy.run())
                .then(() -> StepVerifier.create(copy.run()).verifyError(IllegalStateException.class))
                .then(() -> source.answer(0))
                .expectNextMatches(CopyResult::isComplete)
                .verifyComplete();
        StepVerifier.create(copy.run())
                .then(() -> source.answer(1))
                .expectNextCount(1)
                .verifyComplete();
    }

    @Test
    void regionsAreZeroedByWriteZeroesWhereTheDeviceCanAndByWritesElsewhere() {
        MemoryDevice able = source(100);
        MemoryDevice unable = MemoryDevice.of(able.info().withCapabilities(EnumSet.of(Capability.FLUSH)));
        unable.load(0, Patterns.bytes(0, 100, CopyFixture.SEED));
        FaultyDevice watched = FaultyDevice.of(able);

        CopyResult result = run(service.zero(List.of(part(watched, 3, 17), part(unable, 3, 17)), CopyOptions.NONE));

        assertThat(result.isComplete()).isTrue();
        assertThat(result.bytesCopied()).isEqualTo(17 * 512);
        assertThat(watched.ops(BlockOp.Kind.WRITE)).isZero();
        assertThat(watched.ops(BlockOp.Kind.WRITE_ZEROES)).isEqualTo(3);
        for (MemoryDevice device : List.of(able, unable)) {
            assertCopied(device, 0, 0, 3);
            assertUntouched(device, 3, 17);
            assertCopied(device, 20, 20, 80);
        }
    }

    @Test
    void destinationsAreFlushedOnceAfterTheLastWrite() {
        FaultyDevice leg = FaultyDevice.of(blank("leg", 64, 512));

        run(service.copy(part(source(64), 0, 64), List.of(part(leg, 0, 64)), CopyOptions.NONE.withFlush()));

        assertThat(leg.ops(BlockOp.Kind.FLUSH)).isEqualTo(1);
    }

    @Test
    void lengthsThatDifferAreRefusedAtOnce() {
        MemoryDevice device = source(64);
        assertThatThrownBy(() -> service.copy(part(device, 0, 8), List.of(part(device, 8, 8), part(device, 16, 9))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("destination 1 has 9 sectors, not 8");
    }

    @Test
    void noDestinationAndThe65thAreRefusedAtOnce() {
        IoRegion region = part(source(64), 0, 0);
        assertThatThrownBy(() -> service.copy(region, List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> service.copy(region, Collections.nCopies(65, region)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void overlapsAreRefusedUnlessTheyAreSafe() {
        MemoryDevice device = source(64);
        CopyOptions ascending = CopyOptions.NONE.withAscending();
        IoRegion from = part(device, 8, 24);
        assertRefused(from, part(device, 8, 24), ascending); // itself
        assertRefused(from, part(device, 9, 24), ascending); // up: reads what was written
        assertRefused(from, part(device, 5, 24), CopyOptions.NONE); // down in any order
        assertRefused(from, part(device, 5, 24), ascending.with(CopyOptions.Sparse.SKIP)); // not zero before
        assertThatThrownBy(() -> service.copy(from, List.of(part(device, 32, 24), part(device, 55, 24))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("destinations 0 and 1 overlap");

        assertThat(run(service.copy(from, List.of(part(device, 5, 24)), ascending))
                        .isComplete())
                .isTrue();

        assertCopied(device, 5, 8, 24);
    }

    private void assertRefused(IoRegion from, IoRegion to, CopyOptions options) {
        assertThatThrownBy(() -> service.copy(from, List.of(to), options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("overlaps the source");
    }

    @Test
    void aClosedServiceTakesNoCopy() {
        CopyService closed = CopyService.create();
        Copy copy = closed.copy(part(source(8), 0, 8), List.of(part(blank("leg", 8, 512), 0, 8)));
        closed.close().block();

        StepVerifier.create(copy.run())
                .expectErrorMatches(e -> e instanceof IllegalStateException
                        && String.valueOf(e.getMessage()).startsWith("closed"))
                .verify();
    }

    @Test
    void moreCopiesThanMayRunAreRefusedWithTheNumber() {
        CopyService small = onePagePieces().copiesMax(1).build();
        ManualDevice source = ManualDevice.of("source", 8);
        MemoryDevice leg = blank("leg", 16, 512);

        StepVerifier.create(
                        small.copy(part(source, 0, 8), List.of(part(leg, 0, 8))).run())
                .then(() -> StepVerifier.create(small.copy(part(source, 0, 8), List.of(part(leg, 8, 8)))
                                .run())
                        .expectErrorMatches(e -> Exceptions.isOverflow(e)
                                && String.valueOf(e.getMessage()).startsWith("1 copies"))
                        .verify())
                .then(() -> source.answer(0))
                .expectNextCount(1)
                .verifyComplete();
        assertThat(run(small.copy(part(source(8), 0, 8), List.of(part(leg, 8, 8))))
                        .isComplete())
                .isTrue();
    }
}
