package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.device.MemoryDevice;
import io.dmio.harness.DropsErrors;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.Wire;
import io.dmio.testkit.DeviceFixture;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** Those on either side of both ends who do what nobody may, or at a bad moment: others do not suffer for it. */
class NbdCallersTest extends DeviceFixture {

    private static final NbdOptions ONE =
            NbdOptions.DEFAULT.withConnectionsMax(1).withTimeouts(Duration.ofSeconds(30), Duration.ofSeconds(30));

    /** Tells of its extents what it is told to tell. */
    private static final class Teller implements BlockDevice {
        private final MemoryDevice disk = MemoryDevice.of("teller", 1024);
        private volatile Supplier<Mono<List<Extent>>> tells = Mono::empty;

        @Override
        public DeviceInfo info() {
            return disk.info();
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            return disk.submit(op);
        }

        @Override
        public Mono<List<Extent>> extents(long sector, long sectorCount) {
            return tells.get();
        }

        @Override
        public Mono<Void> close() {
            return disk.close();
        }
    }

    private static final class Rude implements CoreSubscriber<Object> {
        private final CompletableFuture<Void> told = new CompletableFuture<>();

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Object value) {}

        @Override
        public void onError(Throwable failure) {
            onComplete();
        }

        @Override
        public void onComplete() {
            told.complete(null);
            throw new NoClassDefFoundError("rude");
        }
    }

    @DropsErrors("a subscriber must not throw")
    @Test
    void aSubscriberThatThrowsDoesNotEndTheConnectionThatOthersUse() throws Exception {
        MemoryDevice disk = MemoryDevice.of("disk", 64);
        try (NbdTestServer server = NbdTestServer.of(NbdServer.builder().export(NbdExport.of("disk", disk)))) {
            NbdDevice device = opened(server.server().uri("disk"));
            for (Mono<?> asked : List.of(
                    device.submit(new BlockOp.WriteZeroes(0, 8)),
                    device.submit(new BlockOp.Read(0, Unpooled.buffer(4096))),
                    device.submit(
                            new BlockOp.Read(0, Unpooled.buffer(4096, 4096).asReadOnly())),
                    device.extents(0, 8))) {
                Rude rude = new Rude();
                asked.subscribe(rude);
                rude.told.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            run(device, new BlockOp.Flush()); // which would fail after a loss
            device.close().block(PATIENCE);
        }
        disk.close().block(PATIENCE);
    }

    @Test
    void aCloseWaitsForAllPiecesOfARangeInFlight() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        Set<Integer> noChunks = Set.of(Wire.OPT_EXTENDED_HEADERS, Wire.OPT_STRUCTURED_REPLY);
        try (ScriptedServer server =
                new ScriptedServer(noChunks, Wire.HAS_FLAGS | Wire.SEND_WRITE_ZEROES, (connection, request, to) -> {
                    begun.countDown();
                    waitFor(goesOn);
                    to.good(request, ReplyFormat.SIMPLE);
                })) {
            server.resize(8L << 30);
            NbdDevice device = opened(server.uri());
            CompletableFuture<Void> zeroes =
                    device.submit(new BlockOp.WriteZeroes(0, 4L << 21)).toFuture();
            waitFor(begun);
            CompletableFuture<Void> close = device.close().toFuture();
            goesOn.countDown();
            zeroes.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            close.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(server.requestCount()).isGreaterThanOrEqualTo(4);
        }
    }

    @Test
    void aDeviceThatTellsNothingOrOfAnotherPlaceIsNoHole() {
        Teller teller = new Teller();
        try (NbdTestServer server = NbdTestServer.of(NbdServer.builder().export(NbdExport.of("disk", teller)))) {
            NbdDevice device = opened(server.server().uri("disk"));
            List<Supplier<Mono<List<Extent>>>> nothing = List.of(
                    Mono::empty,
                    () -> Mono.just(List.of()),
                    () -> Mono.just(List.of(new Extent(500, 8, Extent.Kind.HOLE))),
                    () -> {
                        throw new IllegalStateException("rude");
                    });
            for (Supplier<Mono<List<Extent>>> way : nothing) {
                teller.tells = way;
                Assertions.assertThatThrownBy(() -> device.extents(8, 64).block(PATIENCE))
                        .isInstanceOfSatisfying(
                                DeviceException.class,
                                refusal -> assertThat(refusal.errno()).isEqualTo(Errno.EIO));
            }
            teller.tells =
                    () -> Mono.just(List.of(new Extent(8, 8, Extent.Kind.HOLE), new Extent(900, 8, Extent.Kind.HOLE)));
            assertThat(device.extents(8, 64).block(PATIENCE)).containsExactly(new Extent(8, 8, Extent.Kind.HOLE));
            run(device, new BlockOp.WriteZeroes(0, 8));
            run(device, new BlockOp.Flush()); // over the connection that it had from the start
            device.close().block(PATIENCE);
        }
        teller.close().block(PATIENCE);
    }

    @Test
    void whereNobodyMayListenIsSaid() {
        NbdExport export = NbdExport.of("disk", MemoryDevice.of("disk", 8));
        List.of("192.0.2.1", "no-such-host.invalid")
                .forEach(host -> Assertions.assertThatThrownBy(() -> NbdServer.builder()
                                .bind(host, 0)
                                .export(export)
                                .start()
                                .block(PATIENCE))
                        .isInstanceOfSatisfying(
                                DeviceException.class,
                                refusal -> assertThat(refusal.errno()).isEqualTo(Errno.EADDRNOTAVAIL))
                        .hasMessageContaining(host));
        Assertions.assertThatThrownBy(() -> NbdServer.builder()
                        .bind(Path.of("/none/x"))
                        .export(export)
                        .start()
                        .block(PATIENCE))
                .hasMessageContaining("ENOENT");
    }

    @Test
    void halfACharacterIsNoName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NbdExport.of("x\uD800", MemoryDevice.of("disk", 8)))
                .withMessageContaining("half of a character");
    }

    private NbdDevice opened(NbdUri uri) {
        NbdDevice device = NbdDevice.open(uri, ONE).blockOptional(PATIENCE).orElseThrow();
        tracked(device);
        return device;
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }
}
