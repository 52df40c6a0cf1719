package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.dmio.device.MemoryDevice;
import io.dmio.memory.Views;
import io.dmio.testkit.Patterns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Memory that somebody made read-only is not filled, however it is wrapped. */
class ReadOnlyMemoryTest {

    private final DmIo io = DmIo.create().get(16);
    private final MemoryDevice disk = MemoryDevice.of("disk", 64);

    @Test
    void aReadIntoMemoryWithAReadOnlyPartIsRefused() {
        for (Map.Entry<String, ByteBuf> hidden : disguises().entrySet()) {
            String what = hidden.getKey();
            ByteBuf buffer = hidden.getValue();
            for (IoMemory memory : List.of(
                    VmBuffer.of(buffer),
                    BioVectors.of(new BioVector(buffer, 0, 4096)),
                    PageList.of(List.of(buffer.slice(0, 4096)), 0))) {
                assertThat(memory.readOnly()).as(what).isTrue();
                assertThatIllegalArgumentException()
                        .as(what)
                        .isThrownBy(() -> io.read(new IoRegion(disk, 0, 8), memory))
                        .withMessageContaining("read-only");
            }
            buffer.release();
        }
    }

    @Test
    void aSliceThatLeavesTheReadOnlyPartOutIsWritable() {
        ByteBuf both = joined(writable(), readOnly());

        assertThat(VmBuffer.of(both).readOnly()).isTrue();
        assertThat(VmBuffer.of(both.slice(0, 4096)).readOnly()).isFalse();
        assertThat(VmBuffer.of(both.slice(512, 4096)).readOnly()).isTrue();
        both.release();
    }

    @Test
    void theZeroesOfAllStayZero() {
        disk.load(0, Patterns.bytes(0, 16, 1));
        ByteBuf page = writable();
        ByteBuf both = Unpooled.wrappedBuffer(PagePool.zeroes().slice(0, 4096).setIndex(0, 4096), page);

        assertThatIllegalArgumentException().isThrownBy(() -> io.read(new IoRegion(disk, 0, 16), VmBuffer.of(both)));
        assertThat(PagePool.zeroes().getByte(0)).isZero();
        page.release();
    }

    @Test
    void aSocketReceivesIntoNoReadOnlyPart() {
        for (Map.Entry<String, ByteBuf> hidden : disguises().entrySet()) {
            assertThat(Views.toReceive(hidden.getValue(), 0, 4096))
                    .as(hidden.getKey())
                    .isEmpty();
            hidden.getValue().release();
        }
    }

    /** A page or two whose first is read-only. */
    private static Map<String, ByteBuf> disguises() {
        Map<String, ByteBuf> all = new TreeMap<>();
        all.put("the only part", joined(readOnly()));
        all.put("the first of two parts", joined(readOnly(), writable()));
        all.put("a slice", joined(readOnly(), writable()).slice(0, 4096));
        all.put("a slice of a slice", joined(readOnly()).slice(0, 4096).slice(0, 4096));
        all.put("a duplicate", joined(readOnly(), writable()).duplicate());
        all.put("a composite of a composite", joined(joined(readOnly(), writable())));
        all.put(
                "a slice of a composite in one",
                joined(joined(readOnly(), writable()).slice(0, 4096)));
        all.put(
                "NIO memory",
                joined(Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(4096).asReadOnlyBuffer())));
        all.put("an array", joined(Unpooled.wrappedBuffer(new byte[4096]).asReadOnly()));
        return all;
    }

    private static CompositeByteBuf joined(ByteBuf... parts) {
        return Unpooled.compositeBuffer().addComponents(true, parts);
    }

    private static ByteBuf readOnly() {
        return writable().asReadOnly();
    }

    private static ByteBuf writable() {
        return PagePool.shared().allocate(4096).setZero(0, 4096).setIndex(0, 4096);
    }
}
