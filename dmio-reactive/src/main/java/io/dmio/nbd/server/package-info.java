/**
 * The server's end of the wire: a handshake, sessions, and requests on their way through the device.
 *
 * <p>Internal: not part of the API, not exported, not in the published Javadoc.
 */
@NullMarked
package io.dmio.nbd.server;

import org.jspecify.annotations.NullMarked;
