package io.dmio.app.cli;

/**
 * What a command needs from the world.
 *
 * @param console where it reads and writes
 * @param shutdown when it shall end early
 * @param inUse tells what else uses a disk
 */
public record CommandContext(Console console, ShutdownSignal shutdown, InUse inUse) {}
