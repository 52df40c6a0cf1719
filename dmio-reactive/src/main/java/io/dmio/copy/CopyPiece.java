package io.dmio.copy;

/**
 * A piece of a copy: what is copied in one go.
 *
 * @param range the piece's sectors
 * @param hole whether the source is known to read as zeroes there, so that it need not be read
 */
record CopyPiece(SectorRange range, boolean hole) {}
