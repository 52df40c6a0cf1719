package io.dmio.copy;

/**
 * What is copied in one go.
 *
 * @param range where
 * @param hole whether the source is known to read as zeroes there, so that it need not be read
 */
record CopyPiece(SectorRange range, boolean hole) {}
