package io.dmio.app.mirror;

import io.dmio.app.metrics.History;
import io.dmio.app.metrics.IoSample;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The history of a mirror, until it is closed: how much its clients and legs moved in the last quarter of an hour, and how long that took.
 */
final class MirrorHistory implements AutoCloseable {

    private static final Map<String, ToLongFunction<IoSample>> NUMBERS = new LinkedHashMap<>();

    static {
        NUMBERS.put("readBytesPerSecond", sample -> sample.reads().bytesPerSecond());
        NUMBERS.put("writeBytesPerSecond", sample -> sample.writes().bytesPerSecond());
        NUMBERS.put("readMicros", sample -> sample.reads().micros());
        NUMBERS.put("writeMicros", sample -> sample.writes().micros());
        NUMBERS.put("slowestMicros", IoSample::slowestMicros);
    }

    private final History history;
    private final String clients;
    private final Disposable steps;

    /**
     * @param history the history of the devices of its legs, by their names, and of itself
     */
    MirrorHistory(History history, MirrorDevice mirror) {
        this.history = history;
        this.clients = mirror.info().name();
        this.steps = Flux.interval(History.STEP, Schedulers.parallel())
                .onBackpressureDrop()
                .concatMap(
                        tick -> mirror.status().map(this::names).onErrorResume(broken -> Mono.just(Set.of(clients))), 1)
                .subscribe(history::step);
    }

    private Set<String> names(MirrorStatus status) {
        return Stream.concat(Stream.of(clients), status.legs().stream().map(LegStatus::name))
                .collect(Collectors.toSet());
    }

    /** Returns what clients had in the last step. */
    Map<String, Object> ofClients() {
        return last(clients);
    }

    /** Returns what a leg did in the last step. */
    Map<String, Object> of(LegStatus leg) {
        return last(leg.name());
    }

    /** Returns the whole history. */
    Map<String, Object> json(MirrorStatus status) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("stepMillis", History.STEP.toMillis());
        json.put("stepsMax", History.STEPS);
        json.put("steps", history.steps());
        json.put("clients", all(clients));
        json.put("legs", status.legs().stream().map(this::leg).toList());
        return json;
    }

    private Map<String, Object> leg(LegStatus leg) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("index", leg.index());
        json.put("name", leg.name());
        json.putAll(all(leg.name()));
        return json;
    }

    private Map<String, Object> last(String device) {
        IoSample sample = history.last(device);
        Map<String, Object> json = new LinkedHashMap<>();
        NUMBERS.forEach((name, number) -> json.put(name, number.applyAsLong(sample)));
        return json;
    }

    private Map<String, Object> all(String device) {
        List<IoSample> samples = history.of(device);
        Map<String, Object> json = new LinkedHashMap<>();
        NUMBERS.forEach((name, number) ->
                json.put(name, samples.stream().map(number::applyAsLong).toList()));
        return json;
    }

    @Override
    public void close() {
        steps.dispose();
    }
}
