package io.dmio;

import java.util.List;
import java.util.Objects;
import reactor.core.publisher.Mono;

/**
 * A device that wraps another one and forwards to it everything that a subclass does not override. Derive wrappers from this
 * class, so that none forgets what else a device has: a mirror relies on {@link #pin}, a copy is slow without {@link #extents}.
 * Threads, memory and errors are those of the wrapped device.
 *
 * <p>Override together what belongs together. A wrapper that moves sectors, or changes what is in them, reports
 * {@link #extents} of its own: those of other places would make a copy leave out data. A wrapper that promises less in
 * {@link #info} refuses what it does not promise ({@link DeviceInfo#refusal}). The contract in the test kit checks both.
 */
public abstract class ForwardingDevice implements BlockDevice {

    private final BlockDevice behind;

    /**
     * Creates a device that wraps another one.
     *
     * @param behind the wrapped device: gets what is not overridden; closed with this one, unless {@link #close} is overridden
     */
    protected ForwardingDevice(BlockDevice behind) {
        this.behind = Objects.requireNonNull(behind, "behind");
    }

    /**
     * Returns the wrapped device.
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

    /** Returns the name of the class and the wrapped device. */
    @Override
    public String toString() {
        return getClass().getSimpleName() + "[" + behind + "]";
    }
}
