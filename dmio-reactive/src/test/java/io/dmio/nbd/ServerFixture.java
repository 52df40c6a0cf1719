package io.dmio.nbd;

import io.dmio.device.MemoryDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A server with a disk of 32 MiB in memory, for writing as {@code disk} and for reading as {@code readonly}. */
public abstract class ServerFixture {

    static final long SECTORS = 65_536;
    public static final int BYTES = 32 << 20;

    public final MemoryDevice disk = MemoryDevice.of("disk", SECTORS);

    @SuppressWarnings("NullAway.Init") // before each test
    public NbdServer server;

    @SuppressWarnings("NullAway.Init")
    private NbdTestServer running;

    @BeforeEach
    void startServer() {
        running = NbdTestServer.of(builder()
                .export(NbdExport.of("disk", disk).withDescription("in memory"))
                .export(NbdExport.of("readonly", disk).asReadOnly()));
        server = running.server();
    }

    /** What the server runs on; of its own, unless told otherwise. */
    public NbdServer.Builder builder() {
        return NbdServer.builder();
    }

    @AfterEach
    void stopServer() {
        running.close();
        disk.close().block(NbdTestServer.PATIENCE);
    }
}
