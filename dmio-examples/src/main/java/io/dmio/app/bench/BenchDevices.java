package io.dmio.app.bench;

import io.dmio.BlockDevice;
import io.dmio.ErrorBits;
import io.dmio.app.bench.BenchLegs.Caching;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.InUse;
import io.dmio.app.cli.Sizes;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Files, disks and NBD exports that the user names. They are written only with permission, and never while somebody else uses them. */
final class BenchDevices implements BenchPlace {

    private final List<FileId> ids;
    private final long bytesWanted;
    private long bytes;

    /**
     * Checks what may be done to the devices.
     *
     * @param ids what was named
     * @param bytesWanted the bytes of each from its start, or 0 for all
     */
    BenchDevices(List<FileId> ids, long bytesWanted) {
        this.ids = List.copyOf(ids);
        this.bytesWanted = bytesWanted;
        if (ids.size() > ErrorBits.REGIONS_MAX) {
            throw new IllegalArgumentException(ids.size() + " devices: a write has at most 64 legs");
        }
        Map<String, String> seen = new HashMap<>();
        for (FileId id : ids) {
            requireSectors(id);
            String other = seen.putIfAbsent(id.key(), id.given());
            if (other != null) {
                throw refusal(id, "is the same as " + other + ", which is given already");
            }
        }
    }

    /**
     * Refuses to overwrite what must not be.
     *
     * @param leave whether the user said that their content may go
     * @param inUse tells what else uses a disk
     * @throws IllegalArgumentException naming the first that must stay as it is
     */
    void requireWritable(boolean leave, InUse inUse) {
        for (FileId id : ids) {
            if (!leave) {
                throw refusal(
                        id, "its content would be destroyed; add --overwrite if it may go, or measure --work read");
            }
            inUse.by(id).ifPresent(why -> {
                throw refusal(id, "would be overwritten, and " + why);
            });
        }
    }

    private static void requireSectors(FileId id) {
        switch (id.kind()) {
            case FILE, BLOCK_DEVICE, EXPORT -> {}
            case MISSING -> throw refusal(id, "no such file");
            case DIRECTORY -> throw refusal(id, "is a directory; --dir makes files in it");
            default -> throw refusal(id, "is " + id.kind().words() + "; name files, block devices and NBD exports");
        }
    }

    @Override
    public int legsMost() {
        return ids.size();
    }

    @Override
    public int legsUsual() {
        return ids.size();
    }

    @Override
    public boolean isRemote() {
        return ids.stream().allMatch(id -> id.kind() == FileId.Kind.EXPORT);
    }

    @Override
    public BenchLegs prepare(int legs, Caching caching) {
        bytes = bytesWanted == 0 ? Long.MAX_VALUE : bytesWanted;
        List<FileId> used = ids.subList(0, legs);
        for (FileId id : used) {
            long has = length(id);
            if (bytesWanted > has) {
                throw refusal(id, "has only " + Sizes.human(has) + ", less than --size asks for");
            }
            bytes = Math.min(bytes, has);
        }
        return new BenchLegs(used.stream().map(FileId::given).toList(), bytes, caching);
    }

    private static long length(FileId id) {
        BlockDevice device = Engine.open(
                IoEngines.posix(), id.given(), OpenOptions.readOnly().withTruncatedTail());
        device.close().block();
        return device.info().bytes();
    }

    @Override
    public String words() {
        return "the first " + Sizes.human(bytes) + " of "
                + String.join(", ", ids.stream().map(FileId::given).toList());
    }

    /** Does nothing: the devices are the user's. */
    @Override
    public void close() {}

    private static IllegalArgumentException refusal(FileId id, String why) {
        return new IllegalArgumentException(id.given() + ": " + why);
    }
}
