package io.dmio.copy;

/**
 * What the copies of a {@link CopyService} have done since the service was created, ended or not. A range that some destination
 * lacks counts as failed, even if others have it.
 *
 * @param copiesRunning how many copies run at this moment
 * @param bytesCopied bytes written to all destinations
 * @param bytesZero bytes skipped, or made zero, in all destinations
 * @param bytesUnread bytes that the source could not read
 * @param bytesFailed bytes that some destination lacks
 */
public record CopyTotals(int copiesRunning, long bytesCopied, long bytesZero, long bytesUnread, long bytesFailed) {}
