package io.dmio.app.mirror;

import io.dmio.app.control.ControlClient;
import io.dmio.app.control.RunDirectory;
import io.dmio.mirror.LegState;
import io.dmio.mirror.MirrorStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A server that has a mirror, as it told when it was found.
 *
 * @param client asks it
 * @param status of the mirror
 * @param about the server: {@code process}, {@code name}, {@code uri}, and more
 */
record MirrorServer(ControlClient client, MirrorStatus status, Map<?, ?> about) {

    /** All that answer in a run directory. */
    static List<MirrorServer> all(RunDirectory directory) {
        return directory.sockets().stream()
                .flatMap(socket -> ControlClient.of(socket).stream())
                .flatMap(client -> look(client).stream())
                .toList();
    }

    private static Optional<MirrorServer> look(ControlClient client) {
        try {
            Map<String, Object> json =
                    Objects.requireNonNull(client.get("/v1/status").block());
            Map<?, ?> about = json.get("server") instanceof Map<?, ?> map ? map : Map.of();
            return Optional.of(new MirrorServer(client, StatusReader.read(json), about));
        } catch (IllegalStateException ending) {
            return Optional.empty(); // what it has will be found locked, or not
        }
    }

    /** Whether it is meant by a name or the beginning of a UUID, of which one may be empty. */
    boolean isCalled(String name, String uuid) {
        return (name.isEmpty() || name.equals(about.get("name")))
                && (uuid.isEmpty() || status.id().toString().startsWith(uuid));
    }

    /**
     * Whether one of these is a leg of it. That is decided by where they are and not by what is written on them, as a copy of a leg says the
     * same.
     */
    boolean has(List<String> legs) {
        return legs.stream()
                .anyMatch(given -> status.legs().stream()
                        .anyMatch(leg -> Place.isSame(given, leg.name())
                                || (leg.state() == LegState.MISSING && Place.mayBe(given, leg.name()))));
    }

    /** Refuses legs that a server has: what is wanted needs a mirror that is not open. */
    static void requireNone(RunDirectory directory, MirrorLegs legs, String why) {
        List<String> given = legs.given();
        all(directory).stream().filter(one -> one.has(given)).findFirst().ifPresent(server -> {
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
