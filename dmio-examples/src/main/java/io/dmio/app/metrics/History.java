package io.dmio.app.metrics;

import io.dmio.BlockDevice;
import io.dmio.metrics.DeviceMeter;
import io.dmio.metrics.MeteredDevice;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much devices moved and how long they took in the last quarter of an hour, by their names. Its memory is bounded: a number of steps for
 * each device that is in use, or was within that time. Safe from any thread, except {@link #step}, which one thread calls.
 */
public final class History {

    /** The length of a step, which has one sample. */
    public static final Duration STEP = Duration.ofSeconds(5);

    /** The number of steps that are kept. */
    public static final int STEPS = (int) Duration.ofMinutes(15).dividedBy(STEP);

    private final Map<String, IoTally> devices = new ConcurrentHashMap<>();
    private final AtomicLong steps = new AtomicLong();

    /** Wraps a device, which has a history from now on; devices of one name share a history. */
    public BlockDevice of(BlockDevice device) {
        return MeteredDevice.of(device, meter(device.info().name()));
    }

    DeviceMeter meter(String device) {
        return devices.computeIfAbsent(device, first -> new IoTally());
    }

    /**
     * Ends a step.
     *
     * @param inUse the names of devices that are kept even if they did nothing
     */
    public void step(Set<String> inUse) {
        devices.values().forEach(one -> one.step(STEPS));
        devices.entrySet().removeIf(one -> !inUse.contains(one.getKey()) && isForgotten(one.getValue()));
        steps.incrementAndGet();
    }

    /** Returns how many steps have ended. */
    public long steps() {
        return steps.get();
    }

    /** Returns the steps of a device that are kept, the oldest first, up to the one that ended last; none if the device is unknown. */
    public List<IoSample> of(String device) {
        IoTally tally = devices.get(device);
        return tally == null ? List.of() : tally.steps();
    }

    /** Returns the last step of a device. */
    public IoSample last(String device) {
        List<IoSample> all = of(device);
        return all.isEmpty() ? IoSample.NONE : all.get(all.size() - 1);
    }

    int deviceCount() {
        return devices.size();
    }

    // A device that is about to become a leg has done nothing yet, either.
    private static boolean isForgotten(IoTally tally) {
        List<IoSample> all = tally.steps();
        return all.size() == STEPS && all.stream().allMatch(IoSample::isNothing);
    }
}
