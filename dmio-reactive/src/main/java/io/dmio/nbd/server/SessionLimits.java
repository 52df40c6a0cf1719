package io.dmio.nbd.server;

import java.time.Duration;

/**
 * What clients may have in flight.
 *
 * @param clientsMax how many there are at most
 * @param requestsMax requests of one
 * @param bytesMax bytes of reads and writes of one; a request that is larger goes alone
 * @param pagesMax pages of all together
 * @param stallTime how long one may keep pages that others wait for without moving
 */
public record SessionLimits(int clientsMax, int requestsMax, long bytesMax, int pagesMax, Duration stallTime) {}
