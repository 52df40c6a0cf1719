package io.dmio.mirror;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.LongPredicate;

/**
 * Where a mirror is opened: this process, as its marks show it to others, and what is known here of other processes.
 *
 * @param name the machine's name
 * @param process the number of this process
 * @param boot the run of this machine's kernel, and the numbering of processes in it; zeroes if unknown
 * @param mayLive whether there may be a process with a given number; only a no is sure
 */
record OwnerHost(String name, long process, UUID boot, LongPredicate mayLive) {

    /** This process. Made once, on a thread that may block. */
    static final OwnerHost HERE =
            new OwnerHost(hostName(), ProcessHandle.current().pid(), bootId(), OwnerHost::isThere);

    /**
     * Whether a mark's owner is surely dead and was the last one: it held the legs, ran on this kernel, and is no process any more.
     */
    boolean isDead(OwnerMark mark) {
        return mark.proven()
                && !boot.equals(OwnerMark.BOOT_UNKNOWN)
                && boot.equals(mark.boot())
                && mark.owner().process() != process
                && !mayLive.test(mark.owner().process());
    }

    private static boolean isThere(long process) {
        return Files.exists(Path.of("/proc", String.valueOf(process)));
    }

    private static String hostName() {
        String name = text("/proc/sys/kernel/hostname");
        return name.isEmpty() ? "unknown" : name;
    }

    // Containers share a kernel, but each numbers its processes for itself; and where processes of others are hidden, a
    // process that is not seen may live.
    private static UUID bootId() {
        String boot = text("/proc/sys/kernel/random/boot_id");
        boolean hidden = text("/proc/self/mounts").contains("hidepid=");
        try {
            String numbering =
                    Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
            return boot.isEmpty() || hidden
                    ? OwnerMark.BOOT_UNKNOWN
                    : UUID.nameUUIDFromBytes((boot + numbering).getBytes(StandardCharsets.UTF_8));
        } catch (IOException | RuntimeException unknown) {
            return OwnerMark.BOOT_UNKNOWN;
        }
    }

    private static String text(String path) {
        try {
            return Files.readString(Path.of(path)).strip();
        } catch (IOException | RuntimeException unknown) {
            return "";
        }
    }
}
