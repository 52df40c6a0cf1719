package io.dmio.mirror;

import io.dmio.mirror.disk.Planes;

/**
 * The write-intent bitmap of a running mirror.
 *
 * @param planes its bits
 * @param chunks the state of the chunks that the bits stand for
 * @param writer makes the bits durable
 */
record Bitmap(Planes planes, ChunkTable chunks, BitmapWriter writer) {}
