package io.dmio.nbd.server;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The exports of a server by name. A single export also goes to a client that asks for none, and if it has no name itself, to every client,
 * whatever that asks for.
 */
public final class Exports {

    private final UUID instance = UUID.randomUUID();
    private final Map<String, Export> exports = new LinkedHashMap<>();

    public Exports(List<Export> all) {
        require(all);
        all.forEach(export -> exports.put(export.name(), export));
    }

    /**
     * Checks that a server can serve these exports.
     *
     * @throws IllegalArgumentException if there is none, or two have the same name
     */
    public static void require(List<Export> all) {
        Set<String> names = new HashSet<>();
        for (Export export : all) {
            if (!names.add(export.name())) {
                throw new IllegalArgumentException("two exports are named '" + export.name() + "'");
            }
        }
        if (all.isEmpty()) {
            throw new IllegalArgumentException("a server needs an export");
        }
    }

    /** Returns what identifies the server, from its start to its end. */
    UUID instance() {
        return instance;
    }

    int size() {
        return exports.size();
    }

    public List<Export> all() {
        return List.copyOf(exports.values());
    }

    @Nullable
    Export find(String name) {
        Export named = exports.get(name);
        if (named != null || exports.size() > 1) {
            return named;
        }
        Export only = exports.values().iterator().next();
        return name.equals(Export.DEFAULT_NAME) || only.name().equals(Export.DEFAULT_NAME) ? only : null;
    }
}
