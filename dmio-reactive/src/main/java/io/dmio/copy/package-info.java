/**
 * A service that copies a region to many others, and zeroes regions, through pages of its own; the kernel's kcopyd
 * ({@code drivers/md/dm-kcopyd.c}) for reactive Java. Start at {@link io.dmio.copy.CopyService}.
 */
@NullMarked
package io.dmio.copy;

import org.jspecify.annotations.NullMarked;
