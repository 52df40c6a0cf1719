package io.dmio.copy;

/**
 * What the copies of a {@link CopyService} have done since it was made, ended or not; of a range some destination lacks it counts as
 * failed, though others have it.
 *
 * @param copiesRunning how many run at this moment
 * @param bytesCopied written to all destinations
 * @param bytesZero skipped, or made zero, in all destinations
 * @param bytesUnread that the source could not read
 * @param bytesFailed that some destination lacks
 */
public record CopyTotals(int copiesRunning, long bytesCopied, long bytesZero, long bytesUnread, long bytesFailed) {}
