package io.dmio.mirror;

import io.dmio.mirror.disk.Planes;

/**
 * The write-intent bitmap of a running mirror.
 *
 * @param planes its bits
 * @param chunks what goes on in the chunks that they stand for
 * @param writer makes them durable
 */
record Bitmap(Planes planes, ChunkTable chunks, BitmapWriter writer) {}
