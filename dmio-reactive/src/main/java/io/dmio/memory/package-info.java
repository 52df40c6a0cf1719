/**
 * Where memory comes from, and the one place that makes views of buffers and moves bytes between them.
 *
 * <p>Internal: not part of the API, not exported, not in the published Javadoc.
 */
@NullMarked
package io.dmio.memory;

import org.jspecify.annotations.NullMarked;
