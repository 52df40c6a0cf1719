package io.dmio.nbd;

/**
 * The pages of an {@link NbdServer} that its clients share, at one moment; each client has others for itself
 * ({@link NbdServer.Builder#pagesMax}).
 *
 * @param capacity how many there are, of 4 KiB each
 * @param inUse how many are taken; may be more than there are, for a request that is larger and goes alone
 * @param clientsWaiting how many clients wait for some
 */
public record NbdPages(int capacity, int inUse, int clientsWaiting) {}
