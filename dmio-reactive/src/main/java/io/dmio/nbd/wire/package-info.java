/**
 * What both ends of the wire share: the protocol's numbers and frames, and how bytes come into their memory.
 *
 * <p>Internal: not part of the API, not exported, not in the published Javadoc.
 */
@NullMarked
package io.dmio.nbd.wire;

import org.jspecify.annotations.NullMarked;
