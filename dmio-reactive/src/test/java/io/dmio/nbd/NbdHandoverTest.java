package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.device.MemoryDevice;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;

/** A client that is opened is had by somebody, or leaves its server. */
class NbdHandoverTest {

    private static final Duration PATIENCE = NbdTestServer.PATIENCE;
    private static final NbdOptions ONE = NbdOptions.DEFAULT.withConnectionsMax(1);

    private final MemoryDevice disk = MemoryDevice.of("disk", 8);

    @Test
    void aDeviceThatACancelMetOnItsWayLeavesItsServer() {
        try (NbdTestServer server = NbdTestServer.of(NbdServer.builder().export(NbdExport.of("disk", disk)))) {
            Cancelled cancelled = new Cancelled();
            NbdDevice.open(server.server().uri("disk"), ONE).subscribe(cancelled);
            assertThat(connectionsGoTo(0, server, cancelled)).isZero();
        }
        disk.close().block(PATIENCE);
    }

    @Test
    void aDeviceThatIsUsedStaysThoughACancelMetIt() {
        try (NbdTestServer server = NbdTestServer.of(NbdServer.builder().export(NbdExport.of("disk", disk)))) {
            NbdDevice.open(server.server().uri("disk"), ONE).subscribe(new Cancelled());
            Cancelled user = new Cancelled();
            NbdDevice.open(server.server().uri("disk"), ONE)
                    .doOnNext(device -> device.submit(new BlockOp.Flush()).subscribe())
                    .subscribe(user);
            assertThat(connectionsGoTo(1, server, user)).isOne(); // the other one has left
            NbdDevice device = Objects.requireNonNull(user.got.get());
            device.submit(new BlockOp.Flush()).block(PATIENCE);
            device.close().block(PATIENCE);
        }
        disk.close().block(PATIENCE);
    }

    private static int connectionsGoTo(int count, NbdTestServer server, Cancelled last) {
        return Mono.fromSupplier(() -> server.server().connectionCount())
                .filter(now -> last.over.getCount() == 0 && now == count)
                .repeatWhenEmpty(Integer.MAX_VALUE, again -> again.delayElements(Duration.ofMillis(10)))
                .blockOptional(PATIENCE)
                .orElseThrow();
    }

    /** Cancelled by another thread while it gets the device. */
    private static final class Cancelled extends BaseSubscriber<NbdDevice> {
        private final AtomicReference<NbdDevice> got = new AtomicReference<>();
        private final CountDownLatch over = new CountDownLatch(1);

        @Override
        protected void hookOnNext(NbdDevice device) {
            got.set(device);
            Thread other = new Thread(() -> {
                cancel();
                over.countDown();
            });
            other.start();
            while (over.getCount() > 0) {
                // an event loop must not block, and this is over at once
            }
        }
    }
}
