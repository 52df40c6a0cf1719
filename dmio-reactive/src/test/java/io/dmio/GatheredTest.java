package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.testkit.Patterns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.publisher.TestPublisher;

/** What a stream holds of the buffers that came: memory is bounded by bytes, however many buffers a sender makes of them. */
class GatheredTest {

    private final Gathered gathered = new Gathered(1 << 20);

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 1460, 4095})
    void smallBuffersAreCopiedTogether(int length) {
        byte[] bytes = Patterns.bytes(0, 400, 1);
        for (int at = 0; at < bytes.length; at += length) {
            ByteBuf buffer = Unpooled.wrappedBuffer(bytes, at, Math.min(length, bytes.length - at));
            gathered.add(buffer, buffer.readableBytes());
            assertThat(buffer.refCnt()).as("nobody holds it").isOne();
            buffer.release();
        }
        ByteBuf all = gathered.take(bytes.length);
        assertThat(all.nioBufferCount()).isEqualTo((bytes.length - 1) / Gathered.CHUNK_BYTES + 1);
        Patterns.check(all, 0, 1);
        assertThat(PagePool.isAligned(all, 512)).isTrue();
        all.release();
        gathered.clear();
    }

    @Test
    void aBufferOfManySmallOnesIsSmall() {
        byte[] bytes = Patterns.bytes(0, 40, 1);
        CompositeByteBuf many = Unpooled.compositeBuffer(1000);
        for (int at = 0; at < bytes.length; at += 100) {
            many.addComponent(true, Unpooled.wrappedBuffer(bytes, at, Math.min(100, bytes.length - at)));
        }
        gathered.add(many, bytes.length);
        assertThat(many.refCnt()).isOne();
        many.release();

        ByteBuf all = gathered.take(bytes.length);
        assertThat(all.nioBufferCount()).isOne();
        Patterns.check(all, 0, 1);
        all.release();
        gathered.clear();
    }

    @Test
    void largeBuffersAreShared() {
        ByteBuf page = PagePool.shared().allocate(4096).writerIndex(4096);
        gathered.add(page, 4096);
        assertThat(page.refCnt()).isEqualTo(2);
        ByteBuf half = gathered.take(2048);
        ByteBuf rest = gathered.take(2048);
        assertThat(gathered.bytes()).isZero();
        page.setByte(0, 42).setByte(2048, 43);
        assertThat(half.getByte(0)).isEqualTo((byte) 42);
        assertThat(rest.getByte(0)).isEqualTo((byte) 43);
        half.release();
        rest.release();
        assertThat(page.refCnt()).isOne();
        page.release();
    }

    @Test
    void smallOnesBetweenLargeOnesShareAChunk() {
        List<ByteBuf> large = new ArrayList<>();
        long before = PagePool.shared().reservedBytes();
        for (int i = 0; i < 200; i++) {
            ByteBuf small = Unpooled.wrappedBuffer(new byte[10]);
            gathered.add(small, 10);
            small.release();
            large.add(Unpooled.wrappedBuffer(new byte[4096]));
            gathered.add(large.get(i), 4096);
        }
        assertThat(PagePool.shared().reservedBytes() - before).isLessThanOrEqualTo(Gathered.CHUNK_BYTES + (4 << 20));
        assertThat(gathered.bytes()).isEqualTo(200 * 4106);
        gathered.clear();
        assertThat(large).allMatch(ByteBuf::release);
    }

    @Test
    void aStreamGivesSmallBuffersBackBeforeItHasWrittenThem() {
        MemoryDevice disk = MemoryDevice.of("disk", 8000);
        TestPublisher<ByteBuf> source = TestPublisher.create();
        var result = DmIo.create()
                .get(1024)
                .write(List.of(IoRegion.all(disk)), source.flux())
                .toFuture();
        byte[] bytes = Patterns.bytes(0, 100, 1);
        for (int at = 0; at < bytes.length; at += 100) {
            ByteBuf buffer = Unpooled.wrappedBuffer(bytes, at, 100);
            source.next(buffer);
            assertThat(buffer.refCnt()).isZero();
        }
        source.complete();
        assertThat(result.join()).isEqualTo(ErrorBits.NONE);
        assertThat(disk.snapshot(0, 100)).isEqualTo(bytes);
    }
}
