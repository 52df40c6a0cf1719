package io.dmio.app.cli;

/**
 * What a command needs from its surroundings.
 *
 * @param console where the command reads and writes
 * @param shutdown tells when the command has to end early
 * @param inUse tells what else uses a disk
 */
public record CommandContext(Console console, ShutdownSignal shutdown, InUse inUse) {}
