/**
 * What is written by hand where Reactor has no operator for it, and knows nothing of devices: loops that drain, locks of ranges,
 * completions and subscribers.
 *
 * <p>Internal: not part of the API, not exported, not in the published Javadoc.
 */
@NullMarked
package io.dmio.concurrent;

import org.jspecify.annotations.NullMarked;
