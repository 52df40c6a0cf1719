package io.dmio.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.Extent;
import io.dmio.nbd.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class ClientRequestTest {

    @Test
    void aStatusThatIsFinerThanASectorIsData() {
        ByteBuf chunk = Unpooled.buffer().writeInt(1).writeInt(100).writeInt(Wire.STATUS_HOLE | Wire.STATUS_ZERO);
        ClientRequest request = ClientRequest.status(8, 8, 0, (ended, problem) -> {});
        assertThat(request.status(chunk, false)).isTrue();
        assertThat(request.extents()).containsExactly(new Extent(8, 1, Extent.Kind.DATA));
    }
}
