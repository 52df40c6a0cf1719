package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PagePoolTest {

    private static final int LONGEST = 64 << 20;

    /** Around every power of two and the three steps between, at which allocators go on to the next size. */
    private static Set<Integer> lengths() {
        Set<Integer> lengths = new TreeSet<>();
        for (int power = 1; power <= LONGEST / 2; power *= 2) {
            for (int step = 4; step <= 8; step++) {
                int length = (int) ((long) power * step / 4);
                for (int by : new int[] {-4096, -512, -1, 0, 1, 512, 4096}) {
                    lengths.add(Math.max(1, length + by));
                }
            }
        }
        return lengths;
    }

    @Test
    void aBufferIsExactlyAsLongAsWasAskedForAndStartsOnAPage() {
        PagePool pool = PagePool.shared();
        for (int length : lengths()) {
            ByteBuf buffer = pool.allocate(length);
            try {
                assertThat(buffer.capacity()).isEqualTo(length);
                assertThat(buffer.maxCapacity()).isEqualTo(length);
                assertThat(buffer.readerIndex() + buffer.writerIndex()).isZero();
                assertThat(buffer.nioBuffer(0, length).alignmentOffset(0, Sectors.PAGE_BYTES))
                        .as("of %d bytes", length)
                        .isZero();
                assertThat(PagePool.isAligned(buffer, Sectors.PAGE_BYTES)).isEqualTo(length % Sectors.PAGE_BYTES == 0);
            } finally {
                buffer.release();
            }
        }
    }

    // Netty's NIO view of these is the whole memory with a position, where other buffers make a slice.
    @Test
    void aSliceOfReadOnlyMemoryIsAlignedOnlyIfItIsItself() {
        ByteBuffer direct = ByteBuffer.allocateDirect(3 * Sectors.PAGE_BYTES)
                .alignedSlice(Sectors.PAGE_BYTES)
                .slice(0, Sectors.PAGE_BYTES);
        ByteBuf memory = Unpooled.wrappedBuffer(direct.asReadOnlyBuffer());
        for (int from = 0; from <= Sectors.PAGE_BYTES - Sectors.BYTES; from += 16) {
            assertThat(PagePool.isAligned(memory.slice(from, Sectors.BYTES), Sectors.BYTES))
                    .as("from byte %d", from)
                    .isEqualTo(from % Sectors.BYTES == 0);
        }
    }

    @Test
    void memoryOfLongBuffersGoesBackToTheSystem() {
        PagePool pool = PagePool.shared();
        long before = pool.reservedBytes();
        ByteBuf buffer = pool.allocate(LONGEST + 1);
        assertThat(pool.reservedBytes()).isEqualTo(before + LONGEST + 1);
        buffer.release();
        assertThat(pool.reservedBytes()).isEqualTo(before);
    }

    @Test
    void aLengthBelowOneIsRefused() {
        for (int length : new int[] {0, -1, Integer.MIN_VALUE}) {
            assertThatThrownBy(() -> PagePool.shared().allocate(length))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("" + length);
        }
    }

    @Test
    void zeroesCannotBeWrittenOrReleased() {
        ByteBuf zeroes = PagePool.zeroes();
        assertThat(zeroes.isReadOnly()).isTrue();
        assertThat(zeroes.slice(512, 512).isReadOnly()).isTrue();
        assertThatThrownBy(() -> zeroes.setByte(0, 1)).isInstanceOf(ReadOnlyBufferException.class);
        assertThatThrownBy(() -> zeroes.nioBuffer(0, 512).put((byte) 1)).isInstanceOf(ReadOnlyBufferException.class);
        assertThat(zeroes.release()).isFalse();
        assertThat(PagePool.isZero(zeroes.nioBuffer(0, PagePool.ZERO_BYTES), 0, PagePool.ZERO_BYTES))
                .isTrue();
        assertThat(PagePool.isAligned(zeroes, Sectors.PAGE_BYTES)).isTrue();
    }

    @Test
    void zeroesAreFoundWhateverPositionAndLimitSay() {
        ByteBuffer memory = ByteBuffer.allocate(3 * PagePool.ZERO_BYTES);
        int last = memory.capacity() - 1;
        memory.put(last, (byte) 1).position(17).limit(18);
        assertThat(PagePool.isZero(memory, 0, last)).isTrue();
        assertThat(PagePool.isZero(memory, 0, last + 1)).isFalse();
        assertThat(PagePool.isZero(memory, last, 1)).isFalse();
        assertThat(PagePool.isZero(memory, last, 0)).isTrue();
        assertThat(memory.position()).isEqualTo(17);
        assertThat(memory.limit()).isEqualTo(18);
    }

    @Test
    void zeroesAreNotLookedForBeyondTheMemory() {
        ByteBuffer memory = ByteBuffer.allocate(4096);
        for (int[] range : new int[][] {{0, 4097}, {4096, 1}, {-1, 1}, {0, -1}, {1, Integer.MAX_VALUE}}) {
            assertThatThrownBy(() -> PagePool.isZero(memory, range[0], range[1]))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void whatNoBufferCanHaveIsALackOfMemory() {
        for (int bytes : new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE - Sectors.PAGE_BYTES + 1}) {
            assertThatExceptionOfType(OutOfMemoryError.class)
                    .isThrownBy(() -> PagePool.shared().allocate(bytes));
        }
    }
}
