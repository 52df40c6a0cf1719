package io.dmio.copy;

import static io.dmio.copy.CopyFixture.PAGE_SECTORS;
import static io.dmio.copy.CopyFixture.assertCopied;
import static io.dmio.copy.CopyFixture.assertIdle;
import static io.dmio.copy.CopyFixture.assertUntouched;
import static io.dmio.copy.CopyFixture.blank;
import static io.dmio.copy.CopyFixture.onePagePieces;
import static io.dmio.copy.CopyFixture.part;
import static io.dmio.copy.CopyFixture.run;
import static io.dmio.copy.CopyFixture.source;
import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.Sectors;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.Patterns;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sources that lie partly beyond their device's end, or between its blocks. */
class CopySourceEndTest {

    private static final CopyOptions GO_ON = CopyOptions.NONE.withGoOnAfterError();
    private static final int SECTORS = 10 * PAGE_SECTORS;

    private final CopyService service = onePagePieces().build();

    @AfterEach
    void nothingIsLeftInFlight() {
        assertIdle(service);
    }

    @ParameterizedTest(name = "{1} sectors from {0} on, to blocks of {2} bytes: {3} can be read")
    @CsvSource({
        "1, 80, 512, 79", // a sector beyond
        "1, 80, 4096, 72", // which costs a block where blocks are written
        "79, 80, 512, 1", // one sector inside
        "79, 80, 4096, 0",
        "80, 80, 512, 0", // just behind
        "1000, 80, 512, 0",
        "0, 80, 512, 80",
        "0, 4096, 512, 80"
    })
    void goingOnCopiesWhatLiesOnTheDevice(long from, int count, int blockBytes, int readable) {
        FaultyDevice watched = FaultyDevice.of(source(SECTORS));
        MemoryDevice leg = blank("leg", 8192, blockBytes);

        CopyResult result = run(service.copy(part(watched, from, count), List.of(part(leg, 0, count)), GO_ON));

        assertCopied(leg, 0, from, readable);
        assertUntouched(leg, readable, 8192 - readable);
        assertThat(result.bytesCopied()).isEqualTo(readable * 512L);
        assertThat(result.bytesDone()).isEqualTo(result.bytesTotal());
        assertThat(result.isComplete()).isEqualTo(readable == count);
        if (readable < count) {
            assertThat(result.unread()).containsExactly(part(watched, from + readable, count - readable));
            assertThat(result.errors()).isEqualTo(ErrorBits.ofBits(1));
            assertThat(result.errors().cause(0).map(DeviceException::errno)).hasValue(Errno.EIO);
        }
        assertThat(watched.ops()).isEqualTo((readable + PAGE_SECTORS - 1) / PAGE_SECTORS);
    }

    @Test
    void withoutGoingOnNothingIsReadAndOnlyWhatIsBeyondIsCalledUnread() {
        FaultyDevice watched = FaultyDevice.of(source(SECTORS));
        MemoryDevice leg = blank("leg", SECTORS, 512);

        CopyResult result = run(service.copy(part(watched, 1, SECTORS), List.of(IoRegion.all(leg))));

        assertThat(result.errors()).isEqualTo(ErrorBits.ofBits(1));
        assertThat(result.unread()).containsExactly(part(watched, SECTORS, 1));
        assertThat(result.bytesCopied()).isZero();
        assertThat(result.bytesDone()).isEqualTo(512);
        assertThat(watched.ops()).isZero();
        assertUntouched(leg, 0, SECTORS);
    }

    @Test
    void whatIsFarBeyondTheEndCostsNothing() {
        long far = Sectors.MAX - 1;
        FaultyDevice watched = FaultyDevice.of(source(SECTORS));
        MemoryDevice leg = MemoryDevice.of("leg", Sectors.MAX);

        CopyResult result = run(service.copy(part(watched, 0, far), List.of(part(leg, 0, far)), GO_ON));

        assertThat(result.unread()).containsExactly(part(watched, SECTORS, far - SECTORS));
        assertThat(watched.ops()).isEqualTo(10);
        assertCopied(leg, 0, 0, SECTORS);
    }

    @Test
    void ofALengthThatIsNotWholeBlocksThePartOfABlockStaysOut() {
        MemoryDevice coarse = blank("coarse", 96, 4096);
        coarse.load(0, Patterns.bytes(0, 96, CopyFixture.SEED));
        MemoryDevice leg = blank("leg", 96, 512);

        CopyResult result = run(service.copy(part(coarse, 8, 81), List.of(part(leg, 0, 81)), GO_ON));

        assertThat(result.unread()).containsExactly(part(coarse, 88, 1));
        assertThat(result.errors().cause(0).map(DeviceException::errno)).hasValue(Errno.EINVAL);
        assertCopied(leg, 0, 8, 80);
        assertUntouched(leg, 80, 1);
    }

    @Test
    void ofAStartBetweenBlocksNothingCanBeRead() {
        FaultyDevice coarse = FaultyDevice.of(blank("coarse", 96, 4096));

        CopyResult result = run(service.copy(part(coarse, 1, 80), List.of(part(source(96), 0, 80)), GO_ON));

        assertThat(result.unread()).containsExactly(part(coarse, 1, 80));
        assertThat(coarse.ops()).isZero();
    }
}
