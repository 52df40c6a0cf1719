/**
 * A crash-safe mirror of 1 to 16 devices, dm-raid1 and beyond: {@link io.dmio.mirror.MirrorDevice} is a
 * {@link io.dmio.BlockDevice} that keeps its legs equal, knows which of them is not, and brings it back.
 */
@NullMarked
package io.dmio.mirror;

import org.jspecify.annotations.NullMarked;
