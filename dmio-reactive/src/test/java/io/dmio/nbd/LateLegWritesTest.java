package io.dmio.nbd;

import io.dmio.BlockOp;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.MirrorDevice;
import io.dmio.testkit.DeviceFixture;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** A write of a mirror is stuck on its way to a leg's server, and arrives when nobody expects it any more. */
class LateLegWritesTest extends DeviceFixture {

    private static final long SECTORS = 65_536;

    @Test
    void aWriteThatIsStuckOnItsWayDoesNotUndoWhatWasWrittenAfterIt() {
        MemoryDevice local = MemoryDevice.of("local", SECTORS);
        MemoryDevice far = MemoryDevice.of("far", SECTORS);
        try (NbdTestServer server = NbdTestServer.of(NbdServer.builder().export(NbdExport.of("leg", far)));
                SlowLink link = new SlowLink((InetSocketAddress) server.server().address())) {
            NbdUri uri = NbdUri.tcp("127.0.0.1", link.port(), "leg");
            MirrorDevice mirror = RemoteMirror.create(local, uri, RemoteMirror.QUICK, RemoteMirror.QUICK_LEG);
            tracked(mirror);
            write(
                    mirror,
                    0,
                    filled(4096, 3)); // the chunk is dirty: the next write is of data, and of nothing before it
            link.hold();
            write(mirror, 0, filled(4096, 1)); // stuck; the leg is set aside
            write(mirror, 0, filled(4096, 2));
            run(mirror, new BlockOp.Flush());
            RemoteMirror.comesBackEqual(mirror); // over other connections
            link.release();
            untilTheOldConnectionsAreGone(server.server());
            RemoteMirror.comesBackEqual(mirror);
            closeDevices();
        }
        far.close().block(PATIENCE);
    }

    // By then, what came over them has been done, or never will.
    private static void untilTheOldConnectionsAreGone(NbdServer server) {
        Flux.interval(Duration.ofMillis(10))
                .onBackpressureDrop()
                .filter(tick -> server.connectionCount() == RemoteMirror.QUICK.connectionsMax())
                .blockFirst(PATIENCE);
    }
}
