package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.uring.IoUring;
import org.junit.jupiter.api.Test;

/** An engine's event loops, which serve files, too, survive them. */
class HostileClientsOnRingsTest extends HostileClientsTest {

    @Override
    public NbdServer.Builder builder() {
        return NbdTestServer.onRings();
    }

    @Test
    void clientsAreAcceptedOneByOne() {
        assertThat(IoUring.isAcceptMultishotEnabled()).isFalse();
    }
}
