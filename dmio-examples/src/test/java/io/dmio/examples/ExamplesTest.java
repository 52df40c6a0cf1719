package io.dmio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.IoRequest;
import io.dmio.VmBuffer;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.engine.IoEngines;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeoutException;
import java.util.zip.CRC32C;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.netty.ByteBufFlux;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.test.StepVerifier;

class ExamplesTest {

    private static final long LEG_SECTORS = 4096;

    private final DmIo client = DmIo.create().get(64);
    private final MemoryDevice a = MemoryDevice.of("a", LEG_SECTORS);
    private final MemoryDevice b = MemoryDevice.of("b", LEG_SECTORS);
    private final MemoryDevice c = MemoryDevice.of("c", LEG_SECTORS);

    @AfterEach
    void everyPageCameBack() {
        StepVerifier.create(client.close()).verifyComplete();
        assertThat(client.budget().inUse()).isZero();
    }

    @Test
    void theReadmeShowsCodeAsItIsCompiled() throws IOException {
        assertThat(Files.readString(Path.of("../README.md")))
                .contains(withoutItsPackageAndJavadoc("Tour"))
                .contains(bodyOf("StreamsAndPipelines", "        Flux<ByteBuf> content ="))
                .contains(bodyOf("StreamsAndPipelines", "        return Flux.from(requests)"));
    }

    private static String withoutItsPackageAndJavadoc(String example) throws IOException {
        return Files.readString(Path.of("src/main/java/io/dmio/examples/" + example + ".java"))
                .replaceAll("(?s) */\\*\\*.*?\\*/\n", "")
                .replaceFirst("package .*;\n\n", "");
    }

    private static String bodyOf(String example, String start) throws IOException {
        String source = Files.readString(Path.of("src/main/java/io/dmio/examples/" + example + ".java"));
        int from = source.indexOf(start);
        return source.substring(from, source.indexOf("\n    }\n", from))
                .indent(-8)
                .strip();
    }

    @Test
    void aRegionIsCopiedAsAStreamAndFailedRequestsAreSorted() {
        byte[] content = new byte[64 * 4096];
        new Random(3).nextBytes(content);
        a.load(0, content);
        IoRegion source = new IoRegion(a, 0, 512);
        StepVerifier.create(StreamsAndPipelines.copy(
                        client, source, List.of(new IoRegion(b, 0, 512), new IoRegion(c, 100, 512))))
                .expectNext(ErrorBits.NONE)
                .verifyComplete();
        assertThat(b.snapshot(0, 512)).isEqualTo(content).isEqualTo(c.snapshot(100, 512));

        IoRequest good = IoRequest.flush(List.of(source));
        IoRequest beyond = IoRequest.discard(List.of(new IoRegion(a, LEG_SECTORS, 1)));
        StepVerifier.create(StreamsAndPipelines.failures(client, Flux.just(good, beyond)))
                .assertNext(result -> assertThat(result.request()).isSameAs(beyond))
                .verifyComplete();
    }

    @Test
    void aCompressedStreamOnEachLegUnpacksToTheInput() throws IOException {
        byte[] plain = new byte[300_000];
        new Random(7).nextBytes(plain);
        Arrays.fill(plain, 1000, 200_000, (byte) 'x');
        Flux<ByteBuf> pieces = Flux.range(0, 3).map(i -> Unpooled.copiedBuffer(plain, i * 100_000, 100_000));

        StepVerifier.create(CompressAndMirror.run(client, all(a, b, c), pieces))
                .expectNext(ErrorBits.NONE)
                .verifyComplete();

        for (MemoryDevice leg : List.of(a, b, c)) {
            byte[] gzip = leg.snapshot(0, (int) LEG_SECTORS);
            assertThat(new GZIPInputStream(new ByteArrayInputStream(gzip)).readNBytes(plain.length))
                    .isEqualTo(plain);
        }
    }

    @Test
    void anHttpBodyLargerThanTheBudgetIsOnEveryLeg() {
        byte[] body = new byte[1 << 20]; // four times the 64 pages
        new Random(8).nextBytes(body);
        DisposableServer server =
                HttpBodyToMirror.start(0, client, all(a, b, c)).blockOptional().orElseThrow();
        try {
            StepVerifier.create(post(server, body)).expectNext("201 0b0\n").verifyComplete();
        } finally {
            server.disposeNow();
        }
        for (MemoryDevice leg : List.of(a, b, c)) {
            assertThat(leg.snapshot(0, 2048)).isEqualTo(body);
        }
    }

    @Test
    void anHttpBodyThatALegRefusesIsAnsweredWithItsErrorBit() {
        FaultyDevice failing = FaultyDevice.of(b, Fault.errno(Errno.EIO));
        List<IoRegion> legs = List.of(IoRegion.all(a), IoRegion.all(failing));
        DisposableServer server =
                HttpBodyToMirror.start(0, client, legs).blockOptional().orElseThrow();
        try {
            StepVerifier.create(post(server, new byte[10_000]))
                    .assertNext(answer -> assertThat(answer).startsWith("502 0b10 {1: EIO"))
                    .verifyComplete();
        } finally {
            server.disposeNow();
        }
    }

    private static reactor.core.publisher.Mono<String> post(DisposableServer server, byte[] body) {
        return HttpClient.create()
                .port(server.port())
                .post()
                .uri("http://127.0.0.1:" + server.port() + "/image")
                .send(ByteBufFlux.fromInbound(Flux.just(Unpooled.wrappedBuffer(body))))
                .responseSingle((response, content) ->
                        content.asString().map(text -> response.status().code() + " " + text));
    }

    @Test
    void aWriteThatHangsOnceSucceedsAtTheSecondAttempt() {
        FaultyDevice hanging = FaultyDevice.of(a, Fault.stalled().first(1));
        VmBuffer memory = VmBuffer.allocate(4096);
        StepVerifier.withVirtualTime(
                        () -> TimeoutAndRetry.write(client, sectors(hanging), memory, Duration.ofSeconds(1)))
                .expectSubscription()
                .expectNoEvent(Duration.ofSeconds(1))
                .thenAwait(Duration.ofSeconds(1))
                .expectNext(ErrorBits.NONE)
                .verifyComplete();
        hanging.release();
        memory.release();
    }

    @Test
    void aDiskThatNeverAnswersIsGivenUpAfterThreeMoreAttempts() {
        FaultyDevice hanging = FaultyDevice.of(a, Fault.stalled());
        VmBuffer memory = VmBuffer.allocate(4096);
        StepVerifier.withVirtualTime(
                        () -> TimeoutAndRetry.write(client, sectors(hanging), memory, Duration.ofSeconds(1)))
                .thenAwait(Duration.ofMinutes(1))
                .expectErrorSatisfies(failure -> {
                    assertThat(Exceptions.isRetryExhausted(failure)).isTrue();
                    assertThat(failure).hasCauseInstanceOf(TimeoutException.class);
                })
                .verify();
        assertThat(hanging.stalledCount()).isEqualTo(4); // none was forgotten, and none gave its page back
        hanging.release();
        memory.release();
    }

    @Test
    void aReadFailsOverToTheFirstLegThatCan() {
        a.load(0, filled('a'));
        b.load(0, filled('b'));
        c.load(0, filled('c'));
        FaultyDevice broken = FaultyDevice.of(a, Fault.errno(Errno.EIO).on(BlockOp.Kind.READ));
        FaultyDevice spare = FaultyDevice.of(c);
        VmBuffer into = VmBuffer.allocate(512);
        StepVerifier.create(ReadWithFailOver.read(client, sectors(broken, b, spare), into))
                .expectNext(1)
                .verifyComplete();
        assertThat(into.buffer().getByte(0)).isEqualTo((byte) 'b');
        assertThat(spare.ops(BlockOp.Kind.READ)).isZero();
        into.release();
    }

    @Test
    void aReadThatNoLegCanServeIsAnError() {
        FaultyDevice broken = FaultyDevice.of(a, Fault.errno(Errno.EIO));
        VmBuffer into = VmBuffer.allocate(512);
        StepVerifier.create(ReadWithFailOver.read(client, sectors(broken, broken), into))
                .expectError(DeviceException.class)
                .verify();
        into.release();
    }

    @Test
    void aDyingDiskIsTestedWithoutWaiting() {
        VmBuffer memory = VmBuffer.allocate(512);
        StepVerifier.withVirtualTime(() -> {
                    FaultyDevice dying = FaultsAndVirtualTime.dying(a);
                    return Flux.range(0, 3).concatMap(i -> client.write(sectors(dying), memory));
                })
                .expectSubscription()
                .expectNoEvent(Duration.ofSeconds(29))
                .thenAwait(Duration.ofSeconds(1))
                .expectNext(ErrorBits.NONE)
                .thenAwait(Duration.ofSeconds(30))
                .expectNext(ErrorBits.NONE)
                .thenAwait(Duration.ofSeconds(30))
                .expectNext(ErrorBits.ofBits(0b1))
                .verifyComplete();
        memory.release();
    }

    @Test
    void aRateLimitHoldsTheSourceBack() {
        StepVerifier.withVirtualTime(() -> client.write(
                        all(a, b),
                        Flux.range(0, 4)
                                .map(i -> Unpooled.buffer(1024).writeZero(1024))
                                .transform(RateLimited.to(1024))))
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(3999))
                .thenAwait(Duration.ofMillis(1))
                .expectNext(ErrorBits.NONE)
                .verifyComplete();
    }

    @Test
    void aDiskIsReadAndClosed(@TempDir Path directory) throws IOException {
        byte[] content = new byte[1 << 20];
        new Random(9).nextBytes(content);
        Path file = Files.write(directory.resolve("disk"), content);
        CRC32C sum = new CRC32C();
        sum.update(content);
        StepVerifier.create(ChecksumOfADisk.run(IoEngines.best(), file, client))
                .expectNext(sum.getValue())
                .verifyComplete();
    }

    @Test
    void aCancelClosesAFileChannelForEverybodyAndADeviceForNobody(@TempDir Path directory) throws Exception {
        Path file = Files.write(directory.resolve("disk"), new byte[1 << 16]);
        assertThat(CancelKeepsTheFileOpen.fileChannelSurvives(file)).isFalse();
        assertThat(CancelKeepsTheFileOpen.dmIoSurvives(file)).isEqualTo(ErrorBits.NONE);
    }

    private static byte[] filled(char with) {
        byte[] sector = new byte[512];
        Arrays.fill(sector, (byte) with);
        return sector;
    }

    private static List<IoRegion> all(io.dmio.BlockDevice... devices) {
        return Arrays.stream(devices).map(IoRegion::all).toList();
    }

    private static List<IoRegion> sectors(io.dmio.BlockDevice... devices) {
        return Arrays.stream(devices).map(device -> new IoRegion(device, 0, 1)).toList();
    }
}
