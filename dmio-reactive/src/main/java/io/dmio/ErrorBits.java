package io.dmio;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Objects;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The outcome of a request: bit <i>i</i> is set if region <i>i</i> failed, as in dm-io's {@code unsigned long *error_bits}. A
 * set bit means the region's content is undefined, not that it is untouched. Each failed region has its first known cause,
 * which the kernel drops. Equality is by bits alone. Immutable.
 */
public final class ErrorBits {

    /** The maximum number of regions in one request: the bits of a {@code long}. */
    public static final int REGIONS_MAX = Long.SIZE;

    /** The outcome in which no region failed. */
    public static final ErrorBits NONE = new ErrorBits(0, new @Nullable DeviceException[0]);

    private final long bits;
    private final @Nullable DeviceException[] causes; // by region; may be shorter than the highest bit

    private ErrorBits(long bits, @Nullable DeviceException[] causes) {
        this.bits = bits;
        this.causes = causes;
    }

    /**
     * Returns the outcome in which one region failed.
     *
     * @param region 0 to 63
     * @param cause why the region failed
     * @return the bit with its cause
     */
    public static ErrorBits of(int region, DeviceException cause) {
        @Nullable DeviceException[] causes = new @Nullable DeviceException[checked(region) + 1];
        causes[region] = Objects.requireNonNull(cause, "cause");
        return new ErrorBits(1L << region, causes);
    }

    /**
     * Returns bits whose causes are not known, for comparisons.
     *
     * @param bits bit <i>i</i> for region <i>i</i>
     * @return the bits
     */
    public static ErrorBits ofBits(long bits) {
        return bits == 0 ? NONE : new ErrorBits(bits, NONE.causes);
    }

    /**
     * Returns the union of these and other bits; where both know a cause, this one's stays.
     *
     * @param other bits of the same request
     * @return all bits of both
     */
    public ErrorBits or(ErrorBits other) {
        if (other.bits == 0) {
            return this;
        }
        if (bits == 0) {
            return other;
        }
        @Nullable DeviceException[] both = Arrays.copyOf(causes, Math.max(causes.length, other.causes.length));
        for (int region = 0; region < other.causes.length; region++) {
            if (both[region] == null) {
                both[region] = other.causes[region];
            }
        }
        return new ErrorBits(bits | other.bits, both);
    }

    /**
     * Returns whether every region succeeded.
     *
     * @return true if no bit is set
     */
    public boolean isClear() {
        return bits == 0;
    }

    /**
     * Returns whether a region failed.
     *
     * @param region 0 to 63
     * @return true if its bit is set
     */
    public boolean failed(int region) {
        return (bits >>> checked(region) & 1) != 0;
    }

    /**
     * Returns how many regions failed.
     *
     * @return 0 to 64
     */
    public int count() {
        return Long.bitCount(bits);
    }

    /**
     * Returns the regions that failed.
     *
     * @return their indexes, ascending
     */
    public IntStream failedRegions() {
        return IntStream.range(0, REGIONS_MAX).filter(this::failed);
    }

    /**
     * Returns why a region failed.
     *
     * @param region 0 to 63
     * @return the first failure seen, or EIO of no device if it is not known; empty only if the region succeeded
     */
    public Optional<DeviceException> cause(int region) {
        if (!failed(region)) {
            return Optional.empty();
        }
        DeviceException known = known(region);
        return Optional.of(
                known != null ? known : DeviceException.of(Errno.EIO, "a region", "why it failed is not known"));
    }

    /**
     * Returns a Mono that errors if any region failed, for callers that need all regions:
     * {@code client.write(regions, memory).flatMap(ErrorBits::orError)}.
     *
     * @return a cold Mono that completes if no region failed; otherwise it errors with what {@link #orThrow} throws
     */
    public Mono<Void> orError() {
        return Mono.fromRunnable(this::orThrow);
    }

    /**
     * Throws if any region failed, for the sync forms: {@code client.writeSync(regions, memory).orThrow()}.
     *
     * @throws DeviceException if a region failed: with the errno, device and range of the first region that failed, the numbers
     *     of all failed regions in its message, the failure of the first as its cause, and those of the others suppressed in it
     */
    public void orThrow() {
        if (isClear()) {
            return;
        }
        int[] regions = failedRegions().toArray();
        String numbers = Arrays.stream(regions).mapToObj(Integer::toString).collect(Collectors.joining(", "));
        DeviceException failure = cause(regions[0])
                .orElseThrow()
                .ofRequest("failed of the request: region" + (regions.length > 1 ? "s " : " ") + numbers);
        Arrays.stream(regions)
                .skip(1)
                .mapToObj(region -> cause(region).orElseThrow())
                .forEach(failure::addSuppressed);
        throw failure;
    }

    private @Nullable DeviceException known(int region) {
        return region < causes.length ? causes[region] : null;
    }

    /**
     * Returns the bits as the kernel has them.
     *
     * @return bit <i>i</i> for region <i>i</i>
     */
    public long toLong() {
        return bits;
    }

    /**
     * Returns the bits as a mutable copy.
     *
     * @return a new set
     */
    public BitSet toBitSet() {
        return BitSet.valueOf(new long[] {bits});
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ErrorBits that && that.bits == bits;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(bits);
    }

    /** Returns the bits and the causes that are known: {@code 0b10 {1: EIO /dev/loop1 @2048}}. */
    @Override
    public String toString() {
        String binary = "0b" + Long.toBinaryString(bits);
        if (causes.length == 0) {
            return binary;
        }
        StringJoiner text = new StringJoiner(", ", binary + " {", "}");
        failedRegions().forEach(i -> {
            DeviceException cause = known(i);
            if (cause != null) {
                text.add(i + ": " + words(cause));
            }
        });
        return text.toString();
    }

    private static String words(DeviceException cause) {
        return cause.errno() + " " + cause.device() + " @" + cause.sector();
    }

    private static int checked(int region) {
        if (region < 0 || region >= REGIONS_MAX) {
            throw new IllegalArgumentException("region " + region + " is not between 0 and 63");
        }
        return region;
    }
}
