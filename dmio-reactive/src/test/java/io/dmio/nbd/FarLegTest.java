package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.PagePool;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.LegState;
import io.dmio.mirror.MirrorDevice;
import io.dmio.testkit.DeviceFixture;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/**
 * A mirror of a leg here and a leg on another host, and everything that can happen to the other: nothing takes longer than the
 * deadlines say, nothing that was acknowledged is lost, and the leg comes back.
 */
class FarLegTest extends DeviceFixture {

    private static final long SECTORS = 8192;
    private static final int PORT = 10_809;
    private static final Duration DEADLINE = Duration.ofSeconds(10); // more than all deadlines below together

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit's
    private Path directory;

    private final MemoryDevice local = MemoryDevice.of("local", SECTORS);
    private final Random random = new Random(29);

    @SuppressWarnings("NullAway.Init") // before each test
    private FarHost host;

    @SuppressWarnings("NullAway.Init")
    private Process server;

    @SuppressWarnings("NullAway.Init")
    private MirrorDevice mirror;

    @BeforeEach
    void start() throws IOException {
        host = FarHost.start();
        try (RandomAccessFile file = new RandomAccessFile(leg().toFile(), "rw")) {
            file.setLength(SECTORS * 512);
        }
        server = serve();
    }

    @AfterEach
    void stop() throws InterruptedException {
        closeDevices();
        if (server != null) {
            server.destroyForcibly().waitFor();
        }
        if (host != null) {
            host.close();
        }
    }

    @Test
    void aCutCableCostsNoWriteAndTheLegGetsWhatItMissed() throws IOException {
        quickMirror();
        load(50);
        host.cut();
        load(30);
        assertThat(legState()).isNotEqualTo(LegState.IN_SYNC);
        host.mend();
        comesBackEqual();
    }

    @Test
    void aServerKilledUnderLoadCostsNoWriteAndTheLegGetsWhatItMissed() throws IOException, InterruptedException {
        quickMirror();
        load(50);
        Flux.range(0, 200)
                .doOnNext(i -> {
                    if (i == 100) { // with 16 in flight
                        server.toHandle().destroyForcibly();
                    }
                })
                .flatMap(i -> mirror.submit(somewhere(i)), 16)
                .blockLast(DEADLINE);
        server.waitFor();
        load(30);
        server = serve();
        comesBackEqual();
    }

    @Test
    void aServerThatSaysNothingAnyMoreIsLeftInTime() throws IOException {
        quickMirror();
        load(50);
        Tool.run("kill", "-STOP", String.valueOf(server.pid())); // its kernel still takes and acknowledges bytes
        load(30);
        assertThat(legState()).isNotEqualTo(LegState.IN_SYNC);
        Tool.run("kill", "-CONT", String.valueOf(server.pid()));
        comesBackEqual();
    }

    @Test
    void aConnectionWhoseOtherEndForgotItIsMadeAnew() throws IOException, InterruptedException {
        quickMirror();
        load(50);
        host.cut();
        server.toHandle().destroyForcibly(); // its farewell does not get through
        server.waitFor();
        host.mend();
        server = serve();
        load(30);
        comesBackEqual();
    }

    @Test
    void halfASecondOfDelayIsSlowAndNothingElse() throws IOException {
        try (SlowLink link = new SlowLink(new InetSocketAddress(host.address(), PORT))) {
            mirror("127.0.0.1:" + link.port(), NbdOptions.DEFAULT, Duration.ofSeconds(30));
            link.delay(250); // either way
            Flux.range(0, 300)
                    .flatMap(i -> mirror.submit(somewhere(i)), 64)
                    .then(mirror.submit(new BlockOp.Flush()))
                    .block(PATIENCE);
            assertThat(legState()).isEqualTo(LegState.IN_SYNC);
            link.delay(0);
            comesBackEqual();
            closeDevices();
        }
    }

    private Path leg() {
        return directory.resolve("leg");
    }

    private Process serve() {
        return host.serve(this::isListening, ServerProcess.command(leg(), PORT));
    }

    private boolean isListening() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host.address(), PORT), 1000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** One that sets a lost leg aside soon. */
    private void quickMirror() {
        mirror(host.address() + ":" + PORT, RemoteMirror.QUICK, RemoteMirror.QUICK_LEG);
    }

    private void mirror(String place, NbdOptions patience, Duration legDeadline) {
        mirror = RemoteMirror.create(local, NbdUri.parse("nbd://" + place + "/leg"), patience, legDeadline);
        tracked(mirror);
    }

    /** Writes one after the other, each within the deadline, and a flush. */
    private void load(int writes) {
        for (int i = 0; i < writes; i++) {
            mirror.submit(somewhere(i)).block(DEADLINE);
        }
        mirror.submit(new BlockOp.Flush()).block(DEADLINE);
    }

    private BlockOp somewhere(int number) {
        ByteBuf memory = owned(PagePool.shared().allocate(4096));
        byte[] content = new byte[4096];
        Arrays.fill(content, (byte) (number + random.nextInt(200)));
        memory.setBytes(0, content);
        return new BlockOp.Write(random.nextInt((int) mirror.info().sectorCount() / 8 - 1) * 8L, memory, false);
    }

    private LegState legState() {
        return Objects.requireNonNull(mirror.status().block(PATIENCE))
                .legs()
                .get(1)
                .state();
    }

    /** The far leg gets everything, and what is on its disk is what is here. */
    private void comesBackEqual() throws IOException {
        RemoteMirror.comesBackEqual(mirror);
        int data = (int) mirror.info().sectorCount();
        mirror.submit(new BlockOp.Flush()).block(PATIENCE);
        byte[] there = Arrays.copyOf(Files.readAllBytes(leg()), data * 512);
        assertThat(Arrays.mismatch(there, local.snapshot(0, data))).isEqualTo(-1);
    }
}
