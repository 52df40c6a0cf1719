package io.dmio.app.mirror;

import io.dmio.app.control.ControlClient;
import io.dmio.app.control.RunDirectory;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A server that has a mirror, as it answered when it was found.
 *
 * @param client the client that asks it
 * @param status the status of the mirror
 * @param about the server: {@code process}, {@code name}, {@code uri}, and more
 */
record MirrorServer(ControlClient client, MirrorStatus status, Map<?, ?> about) {

    private static final Logger LOG = LoggerFactory.getLogger("io.dmio.app.mirror");
    private static final Duration SILENCE_MAX = Duration.ofSeconds(10);
    private static final int ASKED_MAX = 64; // at a time: one that hangs does not block the others
    private static final Comparator<MirrorServer> BY_ID = Comparator.comparing(one -> one.status.id());

    /** Returns all servers that answer in a run directory. */
    static List<MirrorServer> all(RunDirectory directory) {
        return all(directory, SILENCE_MAX);
    }

    static List<MirrorServer> all(RunDirectory directory, Duration silenceMax) {
        return Objects.requireNonNull(
                looks(directory, silenceMax).collectSortedList(BY_ID).block());
    }

    // If a server does not answer, or not as these servers do, what it has will be found locked, or not.
    private static Flux<MirrorServer> looks(RunDirectory directory, Duration silenceMax) {
        return Flux.fromIterable(directory.sockets())
                .flatMap(
                        socket -> Mono.fromCallable(() -> ControlClient.of(socket))
                                .subscribeOn(Schedulers.boundedElastic()) // connecting blocks
                                .flatMap(Mono::justOrEmpty)
                                .flatMap(client -> client.get("/v1/status")
                                        .timeout(silenceMax)
                                        .doOnError(TimeoutException.class, silent -> tell(socket, silenceMax))
                                        .map(json -> of(client, json)))
                                .onErrorResume(notOne -> Mono.empty()),
                        ASKED_MAX);
    }

    // A user that finds its legs locked, or cannot open them, has to know that this server may have them.
    private static void tell(Path socket, Duration silenceMax) {
        long seconds = silenceMax.toSeconds();
        LOG.warn("{}: a server listens there and has not answered within {} s, so it was not asked", socket, seconds);
    }

    private static MirrorServer of(ControlClient client, Map<String, Object> json) {
        Map<?, ?> about = json.get("server") instanceof Map<?, ?> map ? map : Map.of();
        return new MirrorServer(client, StatusReader.read(json), about);
    }

    /**
     * Finds the server that has the mirror of some legs. That is decided by where the legs are and not by what is written on them, as a copy
     * of a leg says the same. If none of them is there, it may be a server that misses legs of such names.
     *
     * @param legs as they were given
     * @throws IllegalArgumentException if they are legs of several mirrors
     */
    static Optional<MirrorServer> of(RunDirectory directory, List<String> legs) {
        List<String> unknown = new ArrayList<>(legs);
        List<MirrorServer> all = Objects.requireNonNull(looks(directory, SILENCE_MAX)
                .takeUntil(
                        one -> { // others that hang are not waited for
                            unknown.removeIf(leg -> one.has(List.of(leg)));
                            return unknown.isEmpty();
                        })
                .collectSortedList(BY_ID)
                .block());
        List<MirrorServer> having = all.stream().filter(one -> one.has(legs)).toList();
        if (having.isEmpty() && legs.stream().noneMatch(Place::exists)) {
            having = all.stream().filter(one -> one.misses(legs)).toList();
        }
        if (having.size() > 1) {
            throw new IllegalArgumentException(
                    String.join(" ", legs) + ": are legs of " + having.size() + " mirrors that run here: "
                            + having.stream().map(MirrorServer::words).collect(Collectors.joining(", ")));
        }
        return having.stream().findFirst();
    }

    /** Returns whether a name or the beginning of a UUID, either of which may be empty, means this one. */
    boolean isCalled(String name, String uuid) {
        return (name.isEmpty() || name.equals(about.get("name")))
                && (uuid.isEmpty() || status.id().toString().startsWith(uuid));
    }

    /** Returns whether it has this mirror: what is in the place of one of its legs may belong to another. */
    boolean isOf(MirrorStatus found) {
        return status.id().equals(found.id());
    }

    /** Returns whether one of these is a leg of its mirror. */
    boolean has(List<String> legs) {
        return isAny(legs, (given, leg) -> Place.isSame(given, leg.name()));
    }

    private boolean misses(List<String> legs) {
        return isAny(legs, (given, leg) -> leg.state() == LegState.MISSING && Place.mayBe(given, leg.name()));
    }

    private boolean isAny(List<String> legs, BiPredicate<String, LegStatus> fits) {
        return legs.stream().anyMatch(given -> status.legs().stream().anyMatch(leg -> fits.test(given, leg)));
    }

    /** Refuses legs that a server has: what is wanted needs a mirror that is not open. */
    static void requireNone(RunDirectory directory, MirrorLegs legs, String why) {
        of(directory, legs.given()).ifPresent(server -> {
            throw new IllegalArgumentException("mirror " + server.status.id() + " is served by process "
                    + server.about.get("process") + " (" + server.about.get("uri") + "): " + why);
        });
    }

    /** Returns the legs that it was given and that are not there, and why. */
    Map<String, String> absent() {
        Map<String, String> absent = new LinkedHashMap<>();
        boolean misses = status.legs().stream().anyMatch(leg -> leg.state() == LegState.MISSING);
        if (misses && about.get("absent") instanceof Map<?, ?> legs) {
            legs.forEach((leg, why) -> absent.put(String.valueOf(leg), String.valueOf(why)));
        }
        return absent;
    }

    /** Returns the steering for what is done at once. */
    RemoteSteering steering() {
        return new RemoteSteering(client, Long.MAX_VALUE, false);
    }

    /** Returns words for people. */
    String words() {
        Object name = about.get("name");
        return status.id() + (name instanceof String text && !text.isEmpty() ? " (" + text + ")" : "");
    }
}
