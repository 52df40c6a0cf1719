package io.dmio.nbd.server;

/**
 * The use of the pages that clients share, at one moment.
 *
 * @param capacity how many there are
 * @param inUse how many are taken
 * @param waiting how many clients wait for some
 */
public record PageUse(int capacity, int inUse, int waiting) {}
