package io.dmio.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dmio.DeviceException;
import io.dmio.DeviceGate;
import io.dmio.Errno;
import io.dmio.nbd.NbdTestServer;
import io.dmio.nbd.ServerFixture;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A name with several addresses, of which not all are the server's. */
class AddressesTest extends ServerFixture {

    private static final Duration TIME = Duration.ofSeconds(10);
    private static final LinkOptions OPTIONS =
            new LinkOptions(1, TIME, TIME, TIME, new LinkOptions.LossRule(true, TIME), Optional.empty());
    private static final InetSocketAddress NOBODY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = loops.next();

    @AfterEach
    void endLoops() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private ClientConnection connect(String export, SocketAddress... addresses) {
        Remote remote = new Remote("several", 1, Optional.empty(), export, false, "nbd://several/" + export);
        Connector connector = new Connector(remote, OPTIONS, new DeviceGate(() -> {})) {
            @Override
            List<SocketAddress> addresses() {
                return List.of(addresses);
            }
        };
        return Objects.requireNonNull(connector.connect(loop, 0).block(NbdTestServer.PATIENCE));
    }

    @Test
    void theNextIsTriedWhereNobodyIs() {
        ClientConnection found = connect("disk", NOBODY, NOBODY, server.address(), NOBODY);
        assertThat(found.agreement().bytes()).isEqualTo(BYTES);
        loop.execute(found::hangUp);
    }

    @Test
    void whoRefusesIsTheOneThatIsMeant() {
        DeviceException refused =
                catchThrowableOfType(DeviceException.class, () -> connect("nothing", NOBODY, server.address(), NOBODY));
        assertThat(refused.errno()).isEqualTo(Errno.ENOENT);
    }

    @Test
    void ifNobodyIsAnywhereTheLastIsTold() {
        DeviceException refused = catchThrowableOfType(DeviceException.class, () -> connect("disk", NOBODY, NOBODY));
        assertThat(refused.errno()).isEqualTo(Errno.ENXIO);
    }
}
