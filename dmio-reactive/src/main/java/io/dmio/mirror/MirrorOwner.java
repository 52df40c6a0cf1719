package io.dmio.mirror;

import java.util.Objects;
import java.util.UUID;

/**
 * The owner of a mirror: who has it open, or had it open last, as its legs say.
 *
 * @param id a random number, another one for each time a mirror is opened
 * @param host the name of the machine
 * @param process the process number on that machine
 * @param open false if the owner has closed the mirror in good order
 */
public record MirrorOwner(UUID id, String host, long process, boolean open) {

    /** Checks for nulls. */
    public MirrorOwner {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(host, "host");
    }

    /**
     * Returns the owner in words, for messages.
     *
     * @return as in {@code process 4711 on host alpha (owner 70805742)}
     */
    public String words() {
        return "process " + process + " on host " + host + " (owner "
                + id.toString().substring(0, 8) + ")";
    }

    MirrorOwner closed() {
        return new MirrorOwner(id, host, process, false);
    }
}
