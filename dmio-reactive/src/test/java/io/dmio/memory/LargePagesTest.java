package io.dmio.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.Sectors;
import io.dmio.testkit.Patterns;
import io.dmio.testkit.Seed;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory of large buffers is kept for the next one, and never for two at a time. */
@ExtendWith(Seed.class)
class LargePagesTest {

    private static final int MIN = LargePages.BYTES_MIN;
    private static final int MAX = LargePages.KEPT_LENGTH_MAX;

    private final LargePages pages = new LargePages();

    private ByteBuf take(int bytes) {
        return pages.directBuffer(bytes, bytes);
    }

    @ParameterizedTest
    @ValueSource(ints = {MIN, MIN + 1, 2 * MIN - 1, 2 * MIN, 2 * MIN + 1, 1 << 20, (1 << 20) + 512, MAX - 1, MAX})
    void aBufferStartsOnAPageIsAsLongAsAskedForAndItsMemoryIsUsedAgain(int bytes) {
        ByteBuf first = take(bytes);
        assertThat(first.nioBuffer(0, bytes).alignmentOffset(0, Sectors.PAGE_BYTES))
                .isZero();
        assertThat(first.capacity()).isEqualTo(bytes);
        assertThat(first.maxCapacity()).isEqualTo(bytes);
        assertThat(first.readerIndex() + first.writerIndex()).isZero();
        first.setByte(bytes - 1, 7).writerIndex(bytes);
        assertThat(first.refCnt()).isOne();
        assertThat(first.release()).isTrue();
        assertThat(first.refCnt()).isZero();

        ByteBuf second = take(bytes);
        assertThat(second.capacity()).isEqualTo(bytes);
        assertThat(second.writerIndex()).isZero();
        assertThat(second.getByte(bytes - 1))
                .isEqualTo((byte) 7); // content is undefined, and here it is what was there
        second.release();
    }

    @Test
    void aBufferDoesAllThatOthersDo() throws IOException {
        ByteBuf mine = take(MIN);
        byte[] bytes = Patterns.bytes(0, MIN / Sectors.BYTES, 1);
        assertThat(mine.setBytes(0, new ByteArrayInputStream(bytes), MIN)).isEqualTo(MIN);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        mine.getBytes(0, out, MIN);
        assertThat(out.toByteArray()).isEqualTo(bytes);
        ByteBuf copy = mine.copy(0, MIN);
        mine.setZero(0, MIN);
        assertThat(copy.getByte(MIN - 1)).isEqualTo(bytes[MIN - 1]);
        ByteBuf longer = mine.alloc().directBuffer(2 * MAX);
        assertThat(longer.capacity()).isEqualTo(2 * MAX);
        assertThat(mine.nioBuffer(512, 512).remaining()).isEqualTo(512);
        List.of(mine, copy, longer).forEach(ByteBuf::release);
        assertThat(pages.keptBytes()).isEqualTo(MIN);
    }

    @Test
    void memoryGoesBackWithTheLastSliceOfIt() {
        ByteBuf whole = take(MIN);
        ByteBuf slice = whole.retainedSlice(MIN / 2, 512);
        whole.release();
        assertThat(pages.keptBytes()).isZero();
        slice.release();
        assertThat(pages.keptBytes()).isEqualTo(MIN);
    }

    @Test
    void noMoreIsKeptThanItsLimitAndTheRestGoesBackToTheSystem() {
        List<ByteBuf> all = new ArrayList<>();
        int count = LargePages.KEPT_BYTES_MAX / MAX + 3;
        for (int i = 0; i < count; i++) {
            all.add(take(MAX));
        }
        assertThat(pages.reservedBytes()).isEqualTo((long) count * MAX);
        assertThat(pages.keptBytes()).isZero();
        all.forEach(ByteBuf::release);
        assertThat(pages.keptBytes()).isEqualTo(LargePages.KEPT_BYTES_MAX);
        assertThat(pages.reservedBytes()).isEqualTo(LargePages.KEPT_BYTES_MAX);
        take(MIN).release(); // of another length: something of the first makes room for it
        assertThat(pages.reservedBytes()).isEqualTo(LargePages.KEPT_BYTES_MAX - MAX + MIN);
        ByteBuf again = take(MIN);
        assertThat(pages.keptBytes()).isEqualTo(LargePages.KEPT_BYTES_MAX - MAX);
        again.release();
    }

    @Test
    void onlyLengthsThatAreWorthItAreMadeHere() {
        assertThat(LargePages.suits(MIN - 1)).isFalse();
        assertThat(LargePages.suits(MIN)).isTrue();
        assertThat(LargePages.suits(MAX)).isTrue();
        assertThat(LargePages.suits(Integer.MAX_VALUE)).isTrue();
    }

    @Test
    void threadsThatTakeAndGiveNeverHaveTheSameMemory() throws InterruptedException {
        ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<Marked> passedOn = new ConcurrentLinkedQueue<>(); // given back by another thread
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int first = i * 5_000;
            SplittableRandom random = Seed.random("large pages " + i);
            Thread thread = new Thread(() -> {
                for (int turn = 0; turn < 5_000; turn++) {
                    passedOn.add(Marked.by(first + turn, take(MIN + random.nextInt(3 * MIN))));
                    Marked any = random.nextInt(4) == 0 && passedOn.size() < 50 ? null : passedOn.poll();
                    if (any != null) {
                        any.release();
                    }
                }
            });
            thread.setUncaughtExceptionHandler((who, why) -> failures.add(why));
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        passedOn.forEach(Marked::release);
        assertThat(failures).isEmpty();
        assertThat(pages.reservedBytes()).isEqualTo(pages.keptBytes());
    }

    /** A buffer with a number in each page, which is another one's as soon as another one has the page, too. */
    private record Marked(int number, ByteBuf buffer) {

        static Marked by(int number, ByteBuf buffer) {
            for (int at = 0; at + Integer.BYTES <= buffer.capacity(); at += Sectors.PAGE_BYTES) {
                buffer.setInt(at, number);
            }
            return new Marked(number, buffer);
        }

        void release() {
            for (int at = 0; at + Integer.BYTES <= buffer.capacity(); at += Sectors.PAGE_BYTES) {
                if (buffer.getInt(at) != number) {
                    throw new AssertionError("somebody else has the page at " + at + ", too");
                }
            }
            buffer.release();
        }
    }
}
