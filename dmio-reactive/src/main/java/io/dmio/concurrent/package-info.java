/**
 * Code that is written by hand where Reactor has no operator, and that knows nothing of devices: drain loops, range locks, completions and
 * subscribers.
 *
 * <p>Internal: not part of the API, not exported, not in the published Javadoc.
 */
@NullMarked
package io.dmio.concurrent;

import org.jspecify.annotations.NullMarked;
