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
 * A server that has a mirror, as it told when it was found.
 *
 * @param client asks it
 * @param status of the mirror
 * @param about the server: {@code process}, {@code name}, {@code uri}, and more
 */
record MirrorServer(ControlClient client, MirrorStatus status, Map<?, ?> about) {

    private static final Logger LOG = LoggerFactory.getLogger("io.dmio.app.mirror");
    private static final Duration SILENCE_MAX = Duration.ofSeconds(10);
    private static final int ASKED_MAX = 64; // at a time: one that hangs keeps nobody from the others
    private static final Comparator<MirrorServer> BY_ID = Comparator.comparing(one -> one.status.id());

    /** All that answer in a run directory. */
    static List<MirrorServer> all(RunDirectory directory) {
        return all(directory, SILENCE_MAX);
    }

    static List<MirrorServer> all(RunDirectory directory, Duration silenceMax) {
        return Objects.requireNonNull(
                looks(directory, silenceMax).collectSortedList(BY_ID).block());
    }

    // What one has that does not answer, or not as these servers do, will be found locked, or not.
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

    // Whoever finds its legs locked, or cannot open them, is to know that somebody may have them.
    private static void tell(Path socket, Duration silenceMax) {
        long seconds = silenceMax.toSeconds();
        LOG.warn("{}: a server listens there and has not answered within {} s, so it was not asked", socket, seconds);
    }

    private static MirrorServer of(ControlClient client, Map<String, Object> json) {
        Map<?, ?> about = json.get("server") instanceof Map<?, ?> map ? map : Map.of();
        return new MirrorServer(client, StatusReader.read(json), about);
    }

    /**
     * The one that has the mirror of some legs. That is decided by where they are and not by what is written on them, as a copy of a leg says the
     * same. Where none of them is anywhere, it may be one that misses legs of such names.
     *
     * @param legs as they were given
     * @throws IllegalArgumentException if they are legs of several
     */
    static Optional<MirrorServer> of(RunDirectory directory, List<String> legs) {
        List<String> unknown = new ArrayList<>(legs);
        List<MirrorServer> all = Objects.requireNonNull(looks(directory, SILENCE_MAX)
                .takeUntil(
                        one -> { // nobody waits for others that hang
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

    /** Whether it is meant by a name or the beginning of a UUID, of which one may be empty. */
    boolean isCalled(String name, String uuid) {
        return (name.isEmpty() || name.equals(about.get("name")))
                && (uuid.isEmpty() || status.id().toString().startsWith(uuid));
    }

    /** Whether it has this mirror, as what is where a leg of it was may be another's. */
    boolean isOf(MirrorStatus found) {
        return status.id().equals(found.id());
    }

    /** Whether one of these is a leg of it. */
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

    /** Legs that it was given and are not there, and why. */
    Map<String, String> absent() {
        Map<String, String> absent = new LinkedHashMap<>();
        boolean misses = status.legs().stream().anyMatch(leg -> leg.state() == LegState.MISSING);
        if (misses && about.get("absent") instanceof Map<?, ?> legs) {
            legs.forEach((leg, why) -> absent.put(String.valueOf(leg), String.valueOf(why)));
        }
        return absent;
    }

    /** For what is done at once. */
    RemoteSteering steering() {
        return new RemoteSteering(client, Long.MAX_VALUE, false);
    }

    /** For people. */
    String words() {
        Object name = about.get("name");
        return status.id() + (name instanceof String text && !text.isEmpty() ? " (" + text + ")" : "");
    }
}
