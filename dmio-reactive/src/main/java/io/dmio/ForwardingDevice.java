package io.dmio;

import java.util.List;
import java.util.Objects;
import reactor.core.publisher.Mono;

/**
 * A device before another one, which gets all that a subclass does not take upon itself. Wrappers begin here, so that none forgets
 * what a device also has: a mirror relies on {@link #pin}, a copy is slow without {@link #extents}. Threads, memory and errors are
 * those of the device behind.
 *
 * <p>What belongs together is overridden together. A wrapper that moves sectors, or changes what is in them, tells of {@link #extents} of
 * its own: those of other places would have a copy leave out data. One that tells less in {@link #info} refuses what is not in that
 * ({@link DeviceInfo#refusal}). The contract in the test kit looks for both.
 */
public abstract class ForwardingDevice implements BlockDevice {

    private final BlockDevice behind;

    /**
     * Before a device.
     *
     * @param behind gets what is not overridden; closed with this one, unless {@link #close} is overridden
     */
    protected ForwardingDevice(BlockDevice behind) {
        this.behind = Objects.requireNonNull(behind, "behind");
    }

    /**
     * The device behind.
     *
     * @return always the same
     */
    protected final BlockDevice behind() {
        return behind;
    }

    @Override
    public DeviceInfo info() {
        return behind.info();
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return behind.submit(op);
    }

    @Override
    public Mono<List<Extent>> extents(long sector, long sectorCount) {
        return behind.extents(sector, sectorCount);
    }

    @Override
    public void pin() {
        behind.pin();
    }

    @Override
    public Mono<Void> close() {
        return behind.close();
    }

    /** The name of its class, and what is behind. */
    @Override
    public String toString() {
        return getClass().getSimpleName() + "[" + behind + "]";
    }
}
