package io.dmio.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.dmio.DeviceBytes;
import io.dmio.DmIo;
import io.dmio.IoRegion;
import io.dmio.device.MemoryDevice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import reactor.adapter.JdkFlowAdapter;

class BytesAndStreamsTest {

    private final DmIo client = DmIo.create().get(64);
    private final MemoryDevice device = MemoryDevice.of("memory", 256);

    @Test
    void aStreamIsSavedChangedAndReadAsAFlow() throws IOException {
        byte[] bytes = new byte[100_001];
        Arrays.fill(bytes, (byte) 'x');
        assertThat(BytesAndStreams.save(client, device, new ByteArrayInputStream(bytes)))
                .isEqualTo(bytes.length);
        BytesAndStreams.change(
                        DeviceBytes.of(client, IoRegion.all(device)), 70_000, Unpooled.wrappedBuffer(new byte[] {1, 2}))
                .block();
        byte[] expected = Arrays.copyOf(bytes, 256 * 512);
        expected[70_000] = 1;
        expected[70_001] = 2;
        ByteBuf read = Unpooled.buffer();
        JdkFlowAdapter.flowPublisherToFlux(BytesAndStreams.flow(client, IoRegion.all(device)))
                .toIterable()
                .forEach(part -> {
                    read.writeBytes(part);
                    part.release();
                });
        assertThat(Arrays.copyOf(read.array(), read.readableBytes())).isEqualTo(expected);
    }

    @Test
    void aStreamThatDoesNotFitIsToldSo() {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(
                        () -> BytesAndStreams.save(client, device, new ByteArrayInputStream(new byte[256 * 512 + 1])))
                .withMessageContaining("do not fit into a region of 131072 bytes");
    }
}
