package io.dmio.app.events;

import io.dmio.mirror.MirrorEvent;

/** Tells what an operator has to do about an event. */
public final class Remedy {

    private Remedy() {}

    /** Returns a few words; none if nothing has to be done. */
    public static String of(MirrorEvent.Kind kind) {
        return switch (kind) {
            case LEG_FAILED ->
                "clients go on without it, and it is tried again by itself; if it stays out, put another in its place"
                        + " (dmio mirror replace)";
            case LAST_LEG_FAILED ->
                "clients got an error; save this device first, then bring back the legs that are out";
            case LEG_SET_ASIDE -> "it gets what it misses once it answers; look at its disk, or at the way to it";
            case LEG_REFUSED -> "bring back the disk that was there, or put another in its place (dmio mirror replace)";
            case READ_ERROR -> "look at the disk's health (smartctl -a); dmio mirror scrub finds what else is bad";
            case CHUNK_FAILED -> "it is tried again; if it goes on, dmio mirror scrub tells which leg cannot be read";
            case MISMATCH ->
                "make the legs equal (dmio mirror scrub --repair, of two with --from), and look at their disks' health";
            case READ_ONLY -> "bring back legs that are out, or put others in their places (dmio mirror replace)";
            case OWNER_LOST -> "stop this server: whoever has the legs now is to serve them";
            case BROKEN -> "start the server again; the next start recovers as after a crash";
            case STARTED, LEG_JOINED, LEG_IN_SYNC, LEG_REMOVED, HEALED, SCRUBBED, WRITABLE, GROWN -> "";
        };
    }
}
