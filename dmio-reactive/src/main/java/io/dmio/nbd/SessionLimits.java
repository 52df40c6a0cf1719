package io.dmio.nbd;

/**
 * What one connection may have in flight.
 *
 * @param requestsMax requests
 * @param bytesMax bytes of reads and writes; a request that is larger goes alone
 */
record SessionLimits(int requestsMax, long bytesMax) {}
