package io.dmio.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.PagePool;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.IllegalReferenceCountException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes are moved without what several threads would share. */
class BytesTest {

    private static final int BYTES = 10_000;

    /** How memory comes into being, by name. */
    record Kind(String name, ByteBuf memory) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Kind> kinds() {
        return Stream.concat(
                Stream.of(
                                PooledByteBufAllocator.DEFAULT,
                                UnpooledByteBufAllocator.DEFAULT,
                                new AdaptiveByteBufAllocator())
                        .flatMap(from -> Stream.of(
                                new Kind("direct, " + from, from.directBuffer(BYTES, BYTES)),
                                new Kind("heap, " + from, from.heapBuffer(BYTES, BYTES)))),
                Stream.of(
                        new Kind("page pool", PagePool.shared().allocate(BYTES)),
                        new Kind("wrapped", Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(BYTES)))));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aCopyLeavesTheViewAloneThatAllSlicesOfABufferShare(Kind kind) {
        for (Kind other : kinds().toList()) {
            ByteBuffer shared = viewOf(kind.memory);
            Bytes.copy(other.memory, 0, kind.memory.slice(500, 300), 0, 300);
            assertThatNobodyMoved(shared);
            Bytes.copy(kind.memory.slice(500, 300), 0, other.memory, 0, 300);
            assertThatNobodyMoved(shared);
            other.memory.release();
        }
        kind.memory.release();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void zeroingLeavesTheViewAloneThatAllSlicesOfABufferShare(Kind kind) {
        ByteBuffer shared = viewOf(kind.memory);
        Bytes.zero(kind.memory.slice(500, 300), 0, 300);
        assertThatNobodyMoved(shared);
        kind.memory.release();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void exactlyTheBytesThatAreAskedForAreCopiedAndZeroed(Kind kind) {
        byte[] ones = new byte[BYTES];
        Arrays.fill(ones, (byte) 1);
        ByteBuf source = Unpooled.wrappedBuffer(ones);
        Bytes.zero(kind.memory, 0, BYTES);
        Bytes.copy(source, 0, kind.memory, 4000, 5000);
        Bytes.zero(kind.memory, 5000, 1000);
        byte[] expected = new byte[BYTES];
        for (int[] range : List.of(new int[] {4000, 5000}, new int[] {6000, 9000})) {
            Arrays.fill(expected, range[0], range[1], (byte) 1);
        }
        byte[] found = new byte[BYTES];
        kind.memory.getBytes(0, found);
        assertThat(found).isEqualTo(expected);
        kind.memory.release();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void bytesOfEachKindReachEachOtherAndMoveNoView(Kind kind) {
        for (int i = 0; i < BYTES; i++) {
            kind.memory.setByte(i, i % 251);
        }
        for (Kind other : kinds().toList()) {
            Bytes.zero(other.memory, 0, BYTES);
            ByteBuffer from = viewOf(kind.memory);
            ByteBuffer to = viewOf(other.memory);
            Bytes.copy(kind.memory, 7, other.memory, 4000, 5000);
            assertThatNobodyMoved(from);
            assertThatNobodyMoved(to);
            for (int i = 0; i < BYTES; i++) {
                int expected = i >= 4000 && i < 9000 ? (i - 4000 + 7) % 251 : 0;
                assertThat(other.memory.getUnsignedByte(i)).isEqualTo((short) expected);
            }
            other.memory.release();
        }
        kind.memory.release();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void memoryThatWasReleasedIsNotTouched(Kind kind) {
        kind.memory.release();
        for (Kind other : kinds().toList()) {
            assertThatThrownBy(() -> Bytes.copy(kind.memory, 0, other.memory, 0, 300))
                    .isInstanceOfAny(IllegalReferenceCountException.class, IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> Bytes.copy(other.memory, 0, kind.memory, 0, 300))
                    .isInstanceOfAny(IllegalReferenceCountException.class, IndexOutOfBoundsException.class);
            other.memory.release();
        }
    }

    /** Netty's, of all of the buffer, with a position and a limit that nobody else would choose. */
    private static ByteBuffer viewOf(ByteBuf buffer) {
        return buffer.internalNioBuffer(0, BYTES).position(3).limit(77);
    }

    private static void assertThatNobodyMoved(ByteBuffer shared) {
        assertThat(shared.position()).isEqualTo(3);
        assertThat(shared.limit()).isEqualTo(77);
    }
}
