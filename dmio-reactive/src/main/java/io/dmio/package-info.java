/**
 * The core types (region, device, memory, error bits, budget) and the client {@link io.dmio.DmIo} that moves bytes between
 * memory and regions. Everything else is a {@link io.dmio.BlockDevice} in a package of its own.
 */
@NullMarked
package io.dmio;

import org.jspecify.annotations.NullMarked;
