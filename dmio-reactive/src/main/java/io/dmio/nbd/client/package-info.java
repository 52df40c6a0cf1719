/**
 * The client's end of the wire: a handshake, connections that are made again after a loss, and requests that are asked again.
 *
 * <p>Internal: not part of the API, not exported, not in the published Javadoc.
 */
@NullMarked
package io.dmio.nbd.client;

import org.jspecify.annotations.NullMarked;
