package io.dmio.app.mirror;

import io.dmio.app.control.Route;
import io.dmio.app.control.Route.Call;
import io.dmio.app.metrics.Health;
import io.dmio.app.metrics.MirrorHealth;
import io.dmio.mirror.LegState;
import io.dmio.mirror.MirrorEvent;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.MirrorStatus;
import io.dmio.mirror.ScrubMode;
import io.dmio.mirror.ScrubReport;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * The routes of the server of a mirror. Work that was asked for belongs to the server: it goes on when nobody listens any more, and ends with
 * the mirror.
 */
final class MirrorRoutes {

    private static final Duration LOOK = Duration.ofMillis(200);
    private static final String RATE = "bytesPerSecond";
    private static final String DETACH = "detach";

    private final LocalSteering mirror;
    private final Supplier<Map<String, Object>> served;
    private final MirrorHistory history;
    private final ChunkMap chunks;
    private final WorkLog works = new WorkLog();
    private final Instant started = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    private final String run = Long.toHexString(started.toEpochMilli()); // numbers of events begin again at each start
    private volatile Sinks.Empty<Void> stop = Sinks.empty(); // of the scrub that began last
    private final Rates rates;
    private volatile boolean paused;

    /**
     * @param served gives what is told about the server with each status
     * @param history the history of its legs and clients
     * @param limit the bytes per second of resync and scrub with which the server was started
     */
    MirrorRoutes(LocalSteering mirror, Supplier<Map<String, Object>> served, MirrorHistory history, long limit) {
        this.mirror = mirror;
        this.served = served;
        this.history = history;
        this.chunks = new ChunkMap(mirror.mirror());
        this.rates = new Rates(mirror.mirror()::limit, limit);
    }

    List<Route> all() {
        return Stream.of(toSee(), ofLegs(), ofWork()).flatMap(List::stream).toList();
    }

    private List<Route> toSee() {
        return List.of(
                Route.get("/v1/status", call -> mirror.status().map(this::json)),
                Route.get("/v1/chunks", call -> chunks.json()),
                Route.get("/v1/history", call -> mirror.status().map(history::json)),
                Route.get("/v1/openapi.json", call -> Mono.fromSupplier(OpenApi::document)),
                Route.events(
                        "/v1/events",
                        call -> mirror.mirror().events(after(call)).map(this::json)));
    }

    private List<Route> ofLegs() {
        return List.of(
                Route.lines(
                        "POST",
                        "/v1/legs",
                        call -> work(
                                "add " + device(call),
                                call.only("device", "force", RATE, DETACH),
                                leg(mirror.add(device(call), call.is("force"))
                                        .doOnSuccess(leg -> copying(leg, rate(call)))))),
                Route.lines(
                        "POST",
                        "/v1/legs/{leg}/remove",
                        call -> work(
                                "remove leg " + call.index("leg"),
                                call.only(RATE, DETACH),
                                done(mirror.remove(call.index("leg"))))),
                Route.lines("POST", "/v1/legs/{leg}/replace", this::replace),
                Route.lines(
                        "POST",
                        "/v1/legs/{leg}/split",
                        call -> work(
                                "split off leg " + call.index("leg"),
                                call.only(RATE, DETACH),
                                done(mirror.split(call.index("leg"))))));
    }

    private List<Route> ofWork() {
        return List.of(
                Route.lines(
                        "POST", "/v1/resync", call -> work("resync", call.only(RATE, DETACH), done(mirror.resync()))),
                Route.lines(
                        "POST",
                        "/v1/scrub",
                        call -> work(
                                call.is("repair") ? "scrub and repair" : "scrub",
                                call.only("repair", "from", RATE, DETACH),
                                scrub(call))),
                Route.post("/v1/scrub/stop", call -> now(call, () -> stop.tryEmitEmpty())),
                Route.post("/v1/pause", call -> now(call, () -> pause(true))),
                Route.post("/v1/resume", call -> now(call, () -> pause(false))),
                Route.post("/v1/limit", call -> {
                    long wanted = rate(call.only(RATE));
                    return Mono.fromRunnable(() -> limit(wanted)).thenReturn(ended(Map.of()));
                }));
    }

    /** Gives the copy that follows an add the rate that was asked for with it. */
    private void copying(int leg, long rate) {
        if (rate != Long.MAX_VALUE) {
            Mono<MirrorStatus> over = looks().filter(status -> status.legs().stream()
                            .noneMatch(one -> one.index() == leg && one.state() == LegState.SYNCING))
                    .next();
            rates.during(rate, over).subscribe(copied -> {}, closed -> {});
        }
    }

    private Flux<MirrorStatus> looks() {
        return Flux.interval(LOOK, Schedulers.parallel()).onBackpressureDrop().concatMap(tick -> mirror.status(), 1);
    }

    private Publisher<Map<String, Object>> replace(Call call) {
        int old = call.index("leg");
        String device = device(call);
        return work(
                "replace leg " + old + " by " + device,
                call.only("device", "force", RATE, DETACH),
                leg(mirror.replace(old, device, call.is("force"))));
    }

    private Map<String, Object> json(MirrorStatus status) {
        Map<String, Object> json =
                new LinkedHashMap<>(MirrorJson.of(status, true, leg -> Map.of("io", history.of(leg))));
        Health health = MirrorHealth.of(status, Instant.now());
        json.put("health", Map.of("status", health.word(), "reasons", health.reasons()));
        json.put("io", history.ofClients());
        Map<String, Object> server = new LinkedHashMap<>(served.get());
        server.put("started", started.toString());
        server.put("paused", paused);
        long usual = rates.usual();
        if (usual != Long.MAX_VALUE) {
            server.put(RATE, usual);
        }
        server.put("works", works.json());
        json.put("server", server);
        return json;
    }

    private Map<String, Object> json(MirrorEvent event) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", run + "-" + event.number());
        json.putAll(MirrorJson.of(event));
        return json;
    }

    /** Returns the number after which events are wanted: one of this start, or one without a start; otherwise all events are wanted. */
    private long after(Call call) {
        String id = call.after();
        String number = id.startsWith(run + "-") ? id.substring(run.length() + 1) : id;
        return number.matches("[0-9]{1,18}") ? Long.parseLong(number) : 0;
    }

    private void pause(boolean yes) {
        paused = yes;
        if (yes) {
            mirror.mirror().pause();
        } else {
            mirror.mirror().resume();
        }
    }

    /** Limits resync and scrub from now on. */
    void limit(long bytesPerSecond) {
        rates.usual(bytesPerSecond);
    }

    private Mono<Map<String, Object>> scrub(Call call) {
        return scrub(mode(call)).map(report -> Map.of("scrub", MirrorJson.of(report)));
    }

    private static ScrubMode mode(Call call) {
        boolean repair = call.is("repair");
        if (!call.body().containsKey("from")) {
            return repair ? ScrubMode.REPAIR : ScrubMode.CHECK;
        }
        long from = call.number("from", 0);
        if (from < 0 || from >= MirrorOptions.LEGS_MAX) {
            throw new IllegalArgumentException("from " + from + ": is no number of a leg");
        }
        if (!repair) {
            throw new IllegalArgumentException("from " + from + ": says what to repair from; say repair, too");
        }
        return ScrubMode.repairFrom((int) from);
    }

    /** Scrubs until the scrub has ended, or somebody stops it, which is an error. */
    Mono<ScrubReport> scrub(ScrubMode mode) {
        return Mono.defer(() -> {
            Sinks.Empty<Void> stopped = Sinks.empty();
            return mirror.scrub(mode)
                    .doOnSubscribe(begun -> stop = stopped)
                    .takeUntilOther(stopped.asMono())
                    .switchIfEmpty(Mono.error(() -> new IllegalArgumentException("the scrub was stopped")));
        });
    }

    /** Starts work, and tells its progress until it has ended, or only whether it began. A call that is refused starts nothing. */
    private Publisher<Map<String, Object>> work(String what, Call call, Mono<Map<String, Object>> work) {
        boolean detached = call.is(DETACH);
        Mono<Map<String, Object>> running =
                works.watched(what, rates.during(rate(call), work)).cache();
        running.subscribe(ended -> {}, toldToWhoWaits -> {});
        Mono<Map<String, Object>> end = running.map(MirrorRoutes::ended);
        if (detached) {
            return Mono.firstWithSignal(end, Mono.delay(LOOK).thenReturn(Map.<String, Object>of("detached", true)));
        }
        return looks().map(MirrorRoutes::progress).takeUntilOther(running).concatWith(end);
    }

    private static Map<String, Object> progress(MirrorStatus status) {
        Map<String, Object> json = new LinkedHashMap<>();
        status.resync().ifPresent(work -> json.put("resync", MirrorJson.of(work)));
        status.scrub().ifPresent(work -> json.put("scrub", MirrorJson.of(work)));
        return Map.of("progress", json);
    }

    private static Map<String, Object> ended(Map<String, Object> result) {
        Map<String, Object> json = new LinkedHashMap<>(Map.of("done", true));
        json.putAll(result);
        return json;
    }

    private static Mono<Map<String, Object>> now(Call call, Runnable change) {
        call.only();
        return Mono.fromRunnable(change).thenReturn(ended(Map.of()));
    }

    private static Mono<Map<String, Object>> done(Mono<Void> work) {
        return work.thenReturn(Map.of());
    }

    private static Mono<Map<String, Object>> leg(Mono<Integer> index) {
        return index.map(leg -> Map.of("leg", leg));
    }

    private static String device(Call call) {
        String device = call.text("device", "");
        if (device.isEmpty()) {
            throw new IllegalArgumentException("device: the path or NBD URI of the leg is missing");
        }
        String absolute = Place.absolute(device);
        if (!absolute.equals(device) && !device.startsWith("/")) {
            throw new IllegalArgumentException("device " + device
                    + ": is from the directory on of whoever asks, which the server does not know: name it from / on");
        }
        return absolute;
    }

    private static long rate(Call call) {
        long rate = call.number(RATE, Long.MAX_VALUE);
        if (rate < 1) {
            throw new IllegalArgumentException(RATE + " " + rate + ": at least 1; /v1/pause holds it");
        }
        return rate;
    }
}
