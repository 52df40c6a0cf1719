package io.dmio.app.page;

import io.dmio.app.control.Route;
import io.dmio.app.events.Remedy;
import io.dmio.mirror.MirrorEvent.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What a mirror would tell that has run for a while, to be looked at: with fixed numbers, and a leg that is in trouble or not. */
final class SampleMirror {

    private static final int STEPS = 180;
    private static final long MIB = 1 << 20;

    private final List<String> states;
    private final long chunks;

    /**
     * @param chunks how many
     * @param states of its legs
     */
    SampleMirror(long chunks, String... states) {
        this.chunks = chunks;
        this.states = List.of(states);
    }

    List<Route> routes() {
        return List.of(
                Route.get("/v1/status", call -> Mono.fromSupplier(this::status)),
                Route.get("/v1/chunks", call -> Mono.fromSupplier(this::map)),
                Route.get("/v1/history", call -> Mono.fromSupplier(this::history)),
                Route.events("/v1/events", call -> Flux.fromIterable(events()).concatWith(Flux.never())),
                Route.post(
                        "/v1/pause", call -> Mono.error(new IllegalArgumentException("a sample does nothing at all"))));
    }

    private boolean isHealthy() {
        return states.stream().allMatch("IN_SYNC"::equals);
    }

    private static String name(int leg) {
        return "/dev/disk/by-id/nvme-SAMPLE_SSD_S4EWNX0R21" + (4711 + leg * 13) + "-part1";
    }

    private Map<String, Object> status() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", "70805742-87dc-427d-8a37-63ba7a8bdb3b");
        json.put("inSync", isHealthy());
        json.put("writable", true);
        json.put("bytes", chunks * MIB);
        json.put("chunkSectors", 2048);
        json.put("chunks", chunks);
        json.put("dirtyChunks", isHealthy() ? 0 : chunks / 40);
        json.put("staleChunks", isHealthy() ? 0 : chunks / 3);
        json.put("legs", IntStream.range(0, states.size()).mapToObj(this::leg).toList());
        if (states.contains("SYNCING")) {
            json.put("resync", work(0.42));
        }
        if (!isHealthy()) {
            json.put("scrub", work(0.08));
        }
        json.put("events", List.of());
        List<String> reasons = IntStream.range(0, states.size())
                .filter(leg -> !states.get(leg).equals("IN_SYNC"))
                .mapToObj(leg -> "leg " + leg + " (" + name(leg) + ") is "
                        + states.get(leg).toLowerCase(Locale.ROOT).replace('_', ' '))
                .toList();
        json.put("health", Map.of("status", isHealthy() ? "ready" : "degraded", "reasons", reasons));
        json.put("io", io(95 * MIB, 41 * MIB, 180, 420));
        json.put("server", server());
        return json;
    }

    private Map<String, Object> server() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("process", 4711);
        json.put("name", "store");
        json.put("uri", "nbd://127.0.0.1:10809/store");
        json.put("absent", Map.of());
        json.put("started", Instant.now().minusSeconds(400_000).toString());
        json.put("paused", false);
        json.put("bytesPerSecond", 100 * MIB);
        json.put("works", isHealthy() ? List.of() : works());
        return json;
    }

    private List<Map<String, Object>> works() {
        String now = Instant.now().minusSeconds(300).toString();
        return List.of(
                Map.of("number", 1, "what", "resync", "since", now, "state", "DONE"),
                Map.of(
                        "number",
                        2,
                        "what",
                        "add /dev/sdx",
                        "since",
                        now,
                        "state",
                        "FAILED",
                        "error",
                        "/dev/sdx: would be written to, and is mounted on /home"),
                Map.of("number", 3, "what", "scrub", "since", now, "state", "RUNNING"));
    }

    private Map<String, Object> work(double done) {
        return Map.of(
                "chunksDone",
                (long) (chunks * done),
                "chunksTotal",
                chunks,
                "bytesPerSecond",
                87 * MIB,
                "remainingMillis",
                754_000,
                "paused",
                false);
    }

    private Map<String, Object> leg(int index) {
        Map<String, Object> json = new LinkedHashMap<>();
        String state = states.get(index);
        boolean bad = !state.equals("IN_SYNC");
        json.put("index", index);
        json.put("name", name(index));
        json.put("state", state);
        json.put("writeMostly", false);
        json.put("staleChunks", bad ? chunks / 3 : 0);
        json.put("lagSectors", 0);
        Map<String, Object> errors = new LinkedHashMap<>();
        List.of("reads", "writes", "flushes", "syncs", "metadata", "slow", "healed")
                .forEach(key -> errors.put(key, 0));
        if (state.equals("FAILED")) {
            errors.put("writes", 3);
            errors.put("flushes", 1);
        }
        json.put("errors", errors);
        json.put("io", state.equals("FAILED") ? io(0, 0, 0, 0) : io((48 - 3L * index) * MIB, 41 * MIB, 150, 390));
        return json;
    }

    private static Map<String, Object> io(long read, long write, long readMicros, long writeMicros) {
        return Map.of(
                "readBytesPerSecond", read,
                "writeBytesPerSecond", write,
                "readMicros", readMicros,
                "writeMicros", writeMicros,
                "slowestMicros", 12 * writeMicros);
    }

    private Map<String, Object> map() {
        List<Long> runs = new ArrayList<>();
        if (isHealthy()) {
            runs.addAll(List.of(chunks, 0L));
        } else {
            scatter(runs);
        }
        return Map.of("chunks", chunks, "chunkBytes", MIB, "chunksPerCell", 1, "runs", runs);
    }

    /** The first half is through, some of the rest is missing, and a few were written or differ. */
    private void scatter(List<Long> runs) {
        Random random = new Random(7);
        long lacking = 1L << 17;
        long front = chunks * 42 / 100;
        for (long at = 0, length; at < chunks; at += length) {
            long most = Math.max(1, chunks / 90);
            length = Math.min(chunks - at, 1 + random.nextInt((int) most));
            boolean isFront = at <= front && at + length > front;
            long state = isFront
                    ? lacking | 2
                    : at > front && random.nextInt(3) > 0 ? lacking : random.nextInt(12) == 0 ? 1 : 0;
            runs.add(length);
            runs.add(at > chunks / 5 && at < chunks / 5 + most ? 4 : state);
        }
    }

    private Map<String, Object> history() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("stepMillis", 5000);
        json.put("stepsMax", STEPS);
        json.put("steps", 80_000);
        json.put("clients", lines(9, false));
        json.put(
                "legs",
                IntStream.range(0, states.size())
                        .mapToObj(leg -> {
                            Map<String, Object> one = new LinkedHashMap<>();
                            one.put("index", leg);
                            one.put("name", name(leg));
                            one.putAll(lines(leg, states.get(leg).equals("FAILED")));
                            return one;
                        })
                        .toList());
        return json;
    }

    private Map<String, Object> lines(int seed, boolean fails) {
        double share = seed == 9 ? 1 : 0.5 - 0.04 * seed;
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("readBytesPerSecond", line(seed, 95 * MIB * share, fails));
        json.put("writeBytesPerSecond", line(seed + 20, 41 * MIB, fails));
        json.put("readMicros", line(seed + 40, 150 + 20 * seed, fails));
        json.put("writeMicros", line(seed + 60, 390 + 30 * seed, fails));
        json.put("slowestMicros", line(seed + 80, 5000, fails));
        return json;
    }

    private static List<Long> line(long seed, double level, boolean fails) {
        Random random = new Random(seed);
        List<Long> values = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            double wave = 1 + 0.3 * Math.sin(step / 23.0) + 0.12 * random.nextGaussian();
            values.add(fails && step > 140 ? 0 : Math.max(0, (long) (level * wave)));
        }
        return values;
    }

    private List<Map<String, Object>> events() {
        List<Map<String, Object>> all = new ArrayList<>();
        all.add(event(1, Kind.STARTED, -1, "started with " + states.size() + " legs"));
        if (!isHealthy()) {
            String read = " could not read 8 sectors at 1048576: EIO; leg 1 has them";
            all.add(event(2, Kind.READ_ERROR, 0, "leg 0 (" + name(0) + ")" + read));
            all.add(event(3, Kind.HEALED, 0, "leg 0: 8 sectors at 1048576 were written again"));
            all.add(event(4, Kind.LEG_FAILED, 1, "leg 1 is out: EIO: " + name(1) + ": write of 8 sectors at 0"));
            all.add(event(5, Kind.LAST_LEG_FAILED, 0, "leg 0, the last one, failed a write of 8 sectors at 81920"));
        }
        return all;
    }

    private static Map<String, Object> event(long number, Kind kind, int leg, String message) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", "1-" + number);
        json.put("number", number);
        json.put("at", Instant.now().minusSeconds(600 - 100 * number).toString());
        json.put("kind", kind.name());
        json.put("leg", leg);
        json.put("severity", kind.severity().name());
        json.put("message", message);
        if (!Remedy.of(kind).isEmpty()) {
            json.put("remedy", Remedy.of(kind));
        }
        return json;
    }
}
