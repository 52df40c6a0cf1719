package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockDevice;
import io.dmio.app.control.Route;
import io.dmio.app.metrics.History;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.ScrubMode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;

/** What the routes of a mirror answer that no command asks for. */
class MirrorRoutesTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final MirrorOptions OPTIONS =
            MirrorOptions.builder().equalAlready(true).build();

    private final List<BlockDevice> legs =
            List.of(MemoryDevice.of("a", OPTIONS.legSectors(8192)), MemoryDevice.of("b", OPTIONS.legSectors(8192)));
    private final MirrorDevice mirror =
            Objects.requireNonNull(MirrorDevice.create(legs, OPTIONS).block());
    private final MirrorHistory history = new MirrorHistory(new History(), mirror);
    private final List<Route> routes = routes();

    private List<Route> routes() {
        LocalSteering steering = new LocalSteering(mirror, legs, (leg, present, bytes, force) -> {
            throw new IllegalArgumentException(leg + ": is not opened here");
        });
        return new MirrorRoutes(steering, Map::of, history, Long.MAX_VALUE).all();
    }

    @BeforeEach
    void threeEvents() {
        mirror.remove(1).block();
        mirror.scrub(ScrubMode.CHECK).block();
        assertThat(numbers("")).containsExactly(1L, 2L, 3L);
    }

    @AfterEach
    void close() {
        history.close();
        mirror.close().block();
    }

    private Flux<Map<String, Object>> ask(String path, String after, Map<String, Object> body) {
        Route route = routes.stream()
                .filter(one -> one.path().equals(path))
                .findFirst()
                .orElseThrow();
        return Flux.defer(() -> route.answer().apply(new Route.Call(Map.of("leg", "0"), after, body)));
    }

    /** The numbers of the events that have happened and are told. */
    private List<Object> numbers(String after) {
        return Objects.requireNonNull(ask("/v1/events", after, Map.of())
                .takeUntil(event -> Long.valueOf(3).equals(event.get("number")))
                .map(event -> Objects.requireNonNull(event.get("number")))
                .collectList()
                .block(PATIENCE));
    }

    @Test
    void eventsGoOnAfterOneOfThisStartAndBeginAnewAfterOneOfAnother() {
        String id = String.valueOf(
                Objects.requireNonNull(ask("/v1/events", "", Map.of()).blockFirst(PATIENCE))
                        .get("id"));
        assertThat(id).endsWith("-1");
        assertThat(numbers(id)).containsExactly(2L, 3L);
        assertThat(numbers("2")).as("a number alone is of this start").containsExactly(3L);
        assertThat(numbers("1a2b3c-2")).as("of another start").containsExactly(1L, 2L, 3L);
        assertThat(numbers("nonsense")).containsExactly(1L, 2L, 3L);
        assertThat(numbers("999999999999999999999999")).containsExactly(1L, 2L, 3L);
    }

    @Test
    void whatWasAskedForAndFailedLaterIsStillTold() {
        assertThatThrownBy(() -> ask("/v1/legs", "", Map.of("device", "/c")).blockLast(PATIENCE))
                .hasMessageContaining("/c: is not opened here");
        for (int i = 0; i < 50; i++) {
            ask("/v1/resync", "", Map.of()).blockLast(PATIENCE);
        }
        assertThat(works()).hasSize(20);
        assertThatThrownBy(() -> ask("/v1/legs", "", Map.of("device", "/d")).blockLast(PATIENCE))
                .hasMessageContaining("/d: is not opened here");
        assertThat(works().get(19))
                .containsEntry("what", "add /d")
                .containsEntry("state", "FAILED")
                .containsEntry("error", "/d: is not opened here")
                .containsEntry("number", 52L);
    }

    @SuppressWarnings("unchecked") // as the routes say
    private List<Map<String, Object>> works() {
        Map<String, Object> status =
                Objects.requireNonNull(ask("/v1/status", "", Map.of()).blockFirst(PATIENCE));
        Map<String, Object> server = (Map<String, Object>) Objects.requireNonNull(status.get("server"));
        return (List<Map<String, Object>>) Objects.requireNonNull(server.get("works"));
    }

    static Stream<Map<String, Object>> wrongBodies() {
        return Stream.of(
                Map.of("detach", "yes"),
                Map.of("bytesPerSecond", 0L),
                Map.of("bytesPerSecond", "50M"),
                Map.of("bytesPerSecond", 9.3e18),
                Map.of("force", 1L),
                Map.of("repair", "true"),
                Map.of("repair", true, "from", 16L),
                Map.of("repair", true, "from", -1L),
                Map.of("repair", true, "from", 1L << 32),
                Map.of("from", 0L),
                Map.of("device", 5L),
                Map.of("device", "c.img"),
                Map.of("device", " "),
                Map.of("unknown", true));
    }

    @ParameterizedTest
    @MethodSource("wrongBodies")
    void aCallThatIsRefusedStartsNothing(Map<String, Object> wrong) {
        for (Route route : routes) {
            if (route.form() == Route.Form.LINES) {
                Map<String, Object> body = new LinkedHashMap<>(Map.of("device", "/c"));
                body.putAll(wrong);
                if (!route.path().endsWith("legs") && !route.path().endsWith("replace")) {
                    body.remove("device", "/c");
                }
                assertThatThrownBy(() -> ask(route.path(), "", body).blockLast(PATIENCE))
                        .as(route.path() + " " + body)
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
        assertThat(works()).isEmpty();
        assertThat(numbers("")).containsExactly(1L, 2L, 3L);
    }

    @Test
    void aRepairFromALegThatTheMirrorDoesNotHaveIsRefused() {
        assertThatThrownBy(() ->
                        ask("/v1/scrub", "", Map.of("repair", true, "from", 5L)).blockLast(PATIENCE))
                .hasMessage("the mirror has no leg 5");
    }
}
