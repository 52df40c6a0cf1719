/**
 * What is on a leg: where it lies, the superblock with the members, and the bitmap of chunks that may differ; as bytes, and nothing
 * that moves them.
 *
 * <p>Internal: not part of the API, not exported, not in the published Javadoc.
 */
@NullMarked
package io.dmio.mirror.disk;

import org.jspecify.annotations.NullMarked;
