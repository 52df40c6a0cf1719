package io.dmio.nbd.server;

import java.time.Duration;

/**
 * The limits of what clients may have in flight.
 *
 * @param clientsMax the most clients
 * @param requestsMax the most requests of one client
 * @param bytesMax the most bytes of reads and writes of one client; a larger request goes alone
 * @param pagesMax the most pages of all clients together
 * @param stallTime how long a client may keep pages that others wait for without moving
 */
public record SessionLimits(int clientsMax, int requestsMax, long bytesMax, int pagesMax, Duration stallTime) {}
