package io.dmio.app.measure;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;

/**
 * What the process has used up to one moment: wall clock, CPU time, and memory allocated by each thread but the caller.
 *
 * @param nanos {@link System#nanoTime()}
 * @param cpuNanos the CPU time of all threads, including those of the JVM
 * @param allocatedBytes by thread id
 */
record Usage(long nanos, long cpuNanos, Map<Long, Long> allocatedBytes) {

    private static final OperatingSystemMXBean PROCESS =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    static Usage now() {
        long[] ids = THREADS.getAllThreadIds();
        long[] bytes = THREADS.getThreadAllocatedBytes(ids);
        Map<Long, Long> allocated = new HashMap<>();
        for (int i = 0; i < ids.length; i++) {
            if (bytes[i] >= 0 && ids[i] != Thread.currentThread().getId()) { // -1: it has just ended
                allocated.put(ids[i], bytes[i]);
            }
        }
        return new Usage(System.nanoTime(), PROCESS.getProcessCpuTime(), Map.copyOf(allocated));
    }

    /** Returns the bytes allocated since another moment; what threads that ended in between took is not known. */
    long allocatedSince(Usage before) {
        return allocatedBytes.entrySet().stream()
                .mapToLong(thread -> thread.getValue() - before.allocatedBytes.getOrDefault(thread.getKey(), 0L))
                .sum();
    }
}
