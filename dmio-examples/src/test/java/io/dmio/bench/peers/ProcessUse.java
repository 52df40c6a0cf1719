package io.dmio.bench.peers;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What this process has used: CPU time of all its threads, the kernel's io_uring workers too, and heap by live thread. */
record ProcessUse(long cpuNanos, Map<Long, Long> allocatedByThread) {

    static ProcessUse now() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long[] ids = threads.getAllThreadIds();
        long[] bytes = threads.getThreadAllocatedBytes(ids);
        Map<Long, Long> allocated = new HashMap<>();
        for (int i = 0; i < ids.length; i++) {
            allocated.put(ids[i], Math.max(0, bytes[i]));
        }
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new ProcessUse(system.getProcessCpuTime(), allocated);
    }

    ProcessUse since(ProcessUse before) {
        Map<Long, Long> more = new HashMap<>();
        allocatedByThread.forEach((id, bytes) -> more.put(id, bytes - before.allocatedByThread.getOrDefault(id, 0L)));
        return new ProcessUse(cpuNanos - before.cpuNanos, more);
    }

    long allocatedBytes() {
        return allocatedByThread.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The most memory this process ever had resident. */
    static long residentBytesMax() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .findFirst()
                .orElseThrow();
    }
}
