package io.dmio.app.cli;

/**
 * What a command needs from the world.
 *
 * @param console where it reads and writes
 * @param stop when it shall end early
 * @param inUse who else uses a disk
 */
public record Session(Console console, Stop stop, InUse inUse) {}
