package io.dmio.mirror;

/**
 * Some sectors in a row.
 *
 * @param sector the first
 * @param count how many
 */
record SectorRange(long sector, int count) {}
