package io.dmio.app.mirror;

import io.dmio.app.control.ControlClient;
import io.dmio.mirror.MirrorStatus;
import io.dmio.mirror.ScrubMode;
import io.dmio.mirror.ScrubReport;
import java.util.LinkedHashMap;
import java.util.Map;
import reactor.core.publisher.Mono;

/**
 * Steers a mirror that a server has, by asking the server. What it was asked for goes on if nobody waits any more, and has no result then.
 */
final class RemoteSteering implements Steering {

    private final ControlClient server;
    private final long rate;
    private final boolean detach;

    /**
     * @param rate the bytes per second that work may copy meanwhile; {@code Long.MAX_VALUE} for the server's usual rate
     * @param detach whether work is only started
     */
    RemoteSteering(ControlClient server, long rate, boolean detach) {
        this.server = server;
        this.rate = rate;
        this.detach = detach;
    }

    @Override
    public Mono<MirrorStatus> status() {
        return server.get("/v1/status").map(StatusReader::read);
    }

    @Override
    public Mono<Void> resync() {
        return work("/v1/resync", Map.of()).then();
    }

    @Override
    public Mono<ScrubReport> scrub(ScrubMode mode) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("repair", mode.repair());
        if (mode.authority() >= 0) {
            body.put("from", mode.authority());
        }
        return work("/v1/scrub", body).mapNotNull(end -> StatusReader.scrub(end.get("scrub")));
    }

    /** Stops the scrub that runs. */
    Mono<Void> stopScrub() {
        return work("/v1/scrub/stop", Map.of()).then();
    }

    @Override
    public Mono<Integer> add(String leg, boolean force) {
        return work("/v1/legs", Map.of("device", Place.absolute(leg), "force", force))
                .map(RemoteSteering::index);
    }

    @Override
    public Mono<Void> remove(int leg) {
        return work("/v1/legs/" + leg + "/remove", Map.of()).then();
    }

    @Override
    public Mono<Integer> replace(int old, String leg, boolean force) {
        return work("/v1/legs/" + old + "/replace", Map.of("device", Place.absolute(leg), "force", force))
                .map(RemoteSteering::index);
    }

    @Override
    public Mono<Void> split(int leg) {
        return work("/v1/legs/" + leg + "/split", Map.of()).then();
    }

    /** Holds resync and scrub, or lets them go on. */
    Mono<Void> pause(boolean yes) {
        return server.post(yes ? "/v1/pause" : "/v1/resume", Map.of()).then();
    }

    /** Limits resync and scrub from now on; {@code Long.MAX_VALUE} for no limit. */
    Mono<Void> limit(long bytesPerSecond) {
        return server.post(
                        "/v1/limit",
                        bytesPerSecond == Long.MAX_VALUE ? Map.of() : Map.of("bytesPerSecond", bytesPerSecond))
                .then();
    }

    /** Tells the server to read its file again, and to apply what it can. */
    Mono<Map<String, Object>> reload() {
        return server.post("/v1/reload", Map.of()).takeLast(1).next();
    }

    @Override
    public Mono<Void> close() {
        return Mono.empty();
    }

    private Mono<Map<String, Object>> work(String path, Map<String, Object> what) {
        Map<String, Object> body = new LinkedHashMap<>(what);
        if (detach) {
            body.put("detach", true);
        }
        if (rate != Long.MAX_VALUE) {
            body.put("bytesPerSecond", rate);
        }
        return server.post(path, body).takeLast(1).next().filter(end -> !end.containsKey("detached"));
    }

    private static int index(Map<String, Object> end) {
        return end.get("leg") instanceof Long leg ? leg.intValue() : -1;
    }
}
