package io.dmio.app.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class ControlServerTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int GUESTS = 200;
    private static final int FOLLOWERS_MAX = 48;

    @TempDir
    private Path temporary;

    private final Sinks.Many<Map<String, Object>> news =
            Sinks.many().multicast().onBackpressureBuffer();

    private final List<Route> routes = List.of(
            Route.get("/v1/status", call -> Mono.just(Map.of("well", true))),
            Route.lines("GET", "/v1/events", call -> news.asFlux()),
            Route.events("/v1/follow", call -> news.asFlux()),
            Route.lines(
                    "POST",
                    "/v1/legs/{leg}/remove",
                    call -> Flux.just(
                            Map.of("leg", call.index("leg")),
                            Map.of("text", call.only("text").text("text", "none")))),
            Route.lines(
                    "POST",
                    "/v1/fails",
                    call -> Flux.concat(
                            Mono.just(Map.of("begun", true)),
                            Mono.error(new IllegalStateException("the disk fell out")))));

    @Test
    void itsSocketIsForItsOwnerAloneAndGoesWithIt() throws IOException {
        RunDirectory directory = directory();
        Path socket = directory.socket(new UUID(1, 2));
        try (ControlServer server = ControlServer.start(directory, socket, routes)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.path())))
                    .isEqualTo("rwx------");
            assertThat(directory.sockets()).containsExactly(socket);
            assertThat(server).isNotNull();
        }
        assertThat(directory.path()).isEmptyDirectory();
        assertThat(ControlClient.of(socket)).isEmpty();
    }

    @Test
    void objectsAndLinesComeAsTheyAreKnownAndNamesOfThePathAreTold() {
        RunDirectory directory = directory();
        Path socket = directory.socket(new UUID(1, 2));
        try (ControlServer server = ControlServer.start(directory, socket, routes)) {
            assertThat(server).isNotNull();
            ControlClient client = ControlClient.of(socket).orElseThrow();
            assertThat(client.get("/v1/status").block(PATIENCE)).isEqualTo(Map.of("well", true));
            assertThat(client.post("/v1/legs/7/remove", Map.of("text", "\u00e4"))
                            .collectList()
                            .block(PATIENCE))
                    .containsExactly(Map.of("leg", 7L), Map.of("text", "\u00e4"));
            Mono<Map<String, Object>> event = client.lines("/v1/events").next().cache();
            event.subscribe();
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (news.currentSubscriberCount() == 0) {
                assertThat(System.nanoTime()).isLessThan(end);
                Thread.onSpinWait();
            }
            news.tryEmitNext(Map.of("kind", "STARTED"));
            assertThat(event.block(PATIENCE)).isEqualTo(Map.of("kind", "STARTED"));
        }
    }

    @Test
    void whatIsRefusedIsToldInItsWordsAlsoWhenItHasBegun() {
        RunDirectory directory = directory();
        Path socket = directory.socket(new UUID(1, 2));
        try (ControlServer server = ControlServer.start(directory, socket, routes)) {
            assertThat(server).isNotNull();
            ControlClient client = ControlClient.of(socket).orElseThrow();
            refuses(client.post("/v1/legs/x/remove", Map.of()), "'x' is no number of a leg");
            refuses(client.post("/v1/legs/1/remove", Map.of("txt", 1)), "nobody knows what 'txt' means");
            refuses(client.post("/v1/legs/1/remove", Map.of("text", 1)), "text: a text is needed");
            refuses(client.post("/v1/status", Map.of()), "/v1/status is asked by GET");
            refuses(client.lines("/v2"), "there is no /v2");
            refuses(client.post("/v1/fails", Map.of()), "the disk fell out");
        }
    }

    @Test
    void whatADeadServerLeftIsReplacedAndALiveOnesSocketIsNot() throws IOException {
        RunDirectory directory = directory();
        Path socket = directory.socket(new UUID(1, 2));
        Files.createDirectory(
                directory.path(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(socket));
        }
        assertThat(socket).exists();
        try (ControlServer server = ControlServer.start(directory, socket, routes)) {
            assertThat(server).isNotNull();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ControlServer.start(directory, socket, routes))
                    .withMessageContaining("another server has it");
            assertThat(ControlClient.of(socket).orElseThrow().get("/v1/status").block(PATIENCE))
                    .isEqualTo(Map.of("well", true));
        }
        Files.writeString(socket, "a file");
        assertThatIllegalArgumentException().isThrownBy(() -> ControlServer.start(directory, socket, routes));
        assertThat(socket).hasContent("a file");
    }

    @Test
    void whatAServerLeftThatWasKilledAsItMadeItsSocketGoesWithTheNextOne() throws Exception {
        RunDirectory directory = directory();
        directory.make();
        Path socket = directory.socket(new UUID(1, 2));
        Process killed = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ToBeKilled.class.getName(),
                        socket.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(killed.inputReader().readLine()).isEqualTo("bound");
        } finally {
            killed.destroyForcibly().waitFor();
        }
        assertThat(directory.path()).isNotEmptyDirectory();
        assertThat(socket).doesNotExist();
        try (ControlServer server = ControlServer.start(directory, socket, routes)) {
            assertThat(server).isNotNull();
        }
        assertThat(directory.path()).isEmptyDirectory();
    }

    /** A server up to the moment before its socket is at its place. */
    static final class ToBeKilled {
        public static void main(String[] args) throws IOException {
            ControlSocket place = ControlSocket.at(Path.of(args[0]));
            try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                socket.bind(UnixDomainSocketAddress.of(place.bound()));
                System.out.println("bound");
                System.in.read();
            }
        }
    }

    @Test
    void whoConnectsAndAsksForNothingKeepsNobodyFromAskingAndIsNotHeldWithoutNumber() throws IOException {
        RunDirectory directory = directory();
        Path socket = directory.socket(new UUID(1, 2));
        List<SocketChannel> guests = new ArrayList<>();
        try (ControlServer server = ControlServer.start(directory, socket, routes)) {
            assertThat(server).isNotNull();
            for (int i = 0; i < GUESTS; i++) {
                guests.add(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
            }
            assertThat(guests.get(0).read(ByteBuffer.allocate(1)))
                    .as("the one that was silent for longest is closed")
                    .isEqualTo(-1);
            assertThat(ControlClient.of(socket).orElseThrow().get("/v1/status").block(PATIENCE))
                    .isEqualTo(Map.of("well", true));
        } finally {
            for (SocketChannel guest : guests) {
                guest.close();
            }
        }
    }

    @Test
    void whoFollowsTheEventsLeavesConnectionsToWhoeverAsks() throws IOException {
        RunDirectory directory = directory();
        Path socket = directory.socket(new UUID(1, 2));
        List<SocketChannel> followers = new ArrayList<>();
        List<String> answers = new ArrayList<>();
        try (ControlServer server = ControlServer.start(directory, socket, routes)) {
            assertThat(server).isNotNull();
            for (int i = 0; i < FOLLOWERS_MAX + 1; i++) {
                SocketChannel follower = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                followers.add(follower);
                follower.write(ascii("GET /v1/follow HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"));
                answers.add(begin(follower));
            }
            assertThat(answers.subList(0, FOLLOWERS_MAX)).containsOnly("HTTP/1.1 200");
            assertThat(answers.get(FOLLOWERS_MAX)).isEqualTo("HTTP/1.1 503");
            ControlClient client = ControlClient.of(socket).orElseThrow();
            assertThat(client.get("/v1/status").block(PATIENCE)).isEqualTo(Map.of("well", true));
            refuses(client.lines("/v1/follow"), FOLLOWERS_MAX + " follow the events already");
            followers.get(0).close();
            while (news.currentSubscriberCount() == FOLLOWERS_MAX) {
                Thread.onSpinWait();
            }
            SocketChannel next = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            followers.add(next);
            next.write(ascii("GET /v1/follow HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"));
            assertThat(begin(next)).as("a place is free again").isEqualTo("HTTP/1.1 200");
        } finally {
            for (SocketChannel follower : followers) {
                follower.close();
            }
        }
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String begin(SocketChannel from) throws IOException {
        ByteBuffer begin = ByteBuffer.allocate("HTTP/1.1 200".length());
        while (begin.hasRemaining() && from.read(begin) >= 0) {
            Thread.onSpinWait();
        }
        return new String(begin.array(), StandardCharsets.US_ASCII);
    }

    @Test
    void aDirectoryWhereOthersMayPutSocketsIsNotBelieved() throws IOException {
        RunDirectory directory = directory();
        Path socket = directory.socket(new UUID(1, 2));
        try (ControlServer server = ControlServer.start(directory, socket, routes)) {
            assertThat(server).isNotNull();
            Files.setPosixFilePermissions(directory.path(), PosixFilePermissions.fromString("rwxrwxrwx"));
            assertThat(directory.sockets()).isEmpty();
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ControlServer.start(directory, socket, routes))
                .withMessageContaining("others may write there");
    }

    @Test
    void rootBelievesWhomItHasGivenADirectoryOfItsOwn() throws IOException {
        assumeTrue(Integer.valueOf(0).equals(Files.getAttribute(temporary, "unix:uid")), "needs root");
        RunDirectory directory = directory();
        Path socket = directory.socket(new UUID(1, 2));
        try (ControlServer server = ControlServer.start(directory, socket, routes)) {
            assertThat(server).isNotNull();
            int service = 4711;
            Files.setAttribute(directory.path(), "unix:uid", service);
            assertThat(directory.sockets()).containsExactly(socket);
            Files.setAttribute(temporary, "unix:uid", service);
            assertThat(directory.sockets())
                    .as("somebody else could have put it there")
                    .isEmpty();
            Files.setAttribute(temporary, "unix:uid", 0);
            Files.setPosixFilePermissions(directory.path(), PosixFilePermissions.fromString("rwxrwx---"));
            assertThat(directory.sockets()).isEmpty();
        }
    }

    @Test
    void theUsualDirectoryIsTheUsersOwn() {
        assertThat(RunDirectory.usual(Map.of("XDG_RUNTIME_DIR", "/run/user/0"), "root")
                        .path())
                .isEqualTo(Path.of("/run/dmio"));
        assertThat(RunDirectory.usual(Map.of("XDG_RUNTIME_DIR", "/run/user/7"), "seven")
                        .path())
                .isEqualTo(Path.of("/run/user/7/dmio"));
        assertThat(RunDirectory.usual(Map.of(), "seven").path()).isEqualTo(Path.of("/tmp/dmio-seven"));
    }

    private static void refuses(Flux<Map<String, Object>> answer, String words) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> answer.blockLast(PATIENCE))
                .withMessageContaining(words);
    }

    private RunDirectory directory() {
        return new RunDirectory(temporary.resolve("run"), true);
    }
}
