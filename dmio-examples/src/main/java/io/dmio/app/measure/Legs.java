package io.dmio.app.measure;

import io.dmio.BlockDevice;
import java.util.List;

/**
 * The devices of one measurement.
 *
 * @param devices open; a write goes to all of them
 * @param bytes the bytes of each, from its start, that are used
 */
public record Legs(List<BlockDevice> devices, long bytes) implements AutoCloseable {

    /** Opens a variant's legs; each measurement opens them again, as two engines cannot hold one file at once. */
    public interface Source {
        /**
         * Opens legs. Blocks.
         *
         * @param variant the variant, which tells the engine, how many legs, and whether they are written
         * @return the open legs, to be closed by the caller
         * @throws io.dmio.DeviceException if one cannot be opened; then none is left open
         */
        Legs open(Variant variant);
    }

    /** Copies the list. */
    public Legs {
        devices = List.copyOf(devices);
    }

    @Override
    public void close() {
        devices.forEach(device -> device.close().block());
    }
}
