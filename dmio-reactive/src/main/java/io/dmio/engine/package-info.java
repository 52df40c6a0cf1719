/**
 * Opens files and disks as {@link io.dmio.BlockDevice}s. Two engines share everything but the way a system call reaches the
 * kernel: {@code posix} calls it on bounded threads, {@code uring} queues it on a ring. A third one, {@code jdk}, opens files by the JDK's
 * channels where there are no system calls. {@link io.dmio.engine.IoEngines} is the way in.
 */
@NullMarked
package io.dmio.engine;

import org.jspecify.annotations.NullMarked;
