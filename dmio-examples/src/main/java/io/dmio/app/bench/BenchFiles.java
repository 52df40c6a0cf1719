package io.dmio.app.bench;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.Sectors;
import io.dmio.VmBuffer;
import io.dmio.app.bench.BenchLegs.Caching;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.ShutdownSignal;
import io.dmio.app.cli.Sizes;
import io.dmio.app.measure.Access;
import io.dmio.app.measure.Legs;
import io.dmio.app.measure.Noise;
import io.dmio.app.measure.Variant;
import io.dmio.app.measure.Workload;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files that a bench makes for itself, in a directory of their own: preallocated, written once with random bytes, and synced, so that no
 * measurement pays for allocation or write-back. Deleted when closed.
 */
final class BenchFiles implements BenchPlace {

    private final Path parent;
    private final long bytes;
    private final ShutdownSignal stop;
    private @Nullable Path directory;
    private String words = "";

    /**
     * Creates a place for files.
     *
     * @param parent where their directory is made
     * @param bytes the bytes of each, whole pages
     * @param stop ends the filling early
     * @throws IllegalArgumentException if there is no such directory
     */
    BenchFiles(Path parent, long bytes, ShutdownSignal stop) {
        if (!Files.isDirectory(parent)) {
            throw new IllegalArgumentException(parent + ": no such directory");
        }
        this.parent = parent;
        this.bytes = bytes;
        this.stop = stop;
    }

    @Override
    public int legsMost() {
        return ErrorBits.REGIONS_MAX;
    }

    @Override
    public int legsUsual() {
        return 1;
    }

    @Override
    public boolean isRemote() {
        return false;
    }

    @Override
    public BenchLegs prepare(int legs, Caching caching) throws IOException {
        requireRoom(legs);
        Path made = makeDirectory();
        directory = made;
        List<String> files = new ArrayList<>();
        for (int i = 0; i < legs; i++) {
            files.add(make(made.resolve("leg-" + i)).toString());
        }
        BenchLegs prepared = new BenchLegs(files, bytes, caching);
        words = Sizes.counted(files.size(), "file") + " of " + Sizes.human(bytes) + " in " + parent.toRealPath() + " ("
                + Files.getFileStore(made).type() + ")";
        fill(prepared, files.size());
        return prepared;
    }

    @Override
    public String words() {
        return words;
    }

    @Override
    public void close() throws IOException {
        Path made = directory;
        if (made == null) {
            return;
        }
        try (Stream<Path> files = Files.list(made)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(made);
    }

    private void requireRoom(int legs) throws IOException {
        FileStore store = Files.getFileStore(parent);
        boolean known = store.getTotalSpace() > 0; // ramfs and some network file systems do not tell
        if (known && store.getUsableSpace() / legs < bytes) {
            long needed = bytes > Long.MAX_VALUE / legs ? Long.MAX_VALUE : bytes * legs;
            throw new IllegalArgumentException(parent + ": " + Sizes.counted(legs, "file") + " of " + Sizes.human(bytes)
                    + ": " + Sizes.human(needed) + " needed, " + Sizes.human(store.getUsableSpace())
                    + " free; --size makes them smaller");
        }
    }

    private Path makeDirectory() throws IOException {
        var onlyMine = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Path shortName = parent.resolve("dmio-bench-" + ProcessHandle.current().pid());
        try {
            return Files.exists(shortName, LinkOption.NOFOLLOW_LINKS)
                    ? Files.createTempDirectory(parent, "dmio-bench-", onlyMine)
                    : Files.createDirectory(shortName, onlyMine);
        } catch (IOException refused) {
            throw new IllegalArgumentException(
                    parent + ": no directory can be made here: " + FileId.reason(refused), refused);
        }
    }

    private Path make(Path file) {
        OpenOptions options = OpenOptions.readWrite();
        try {
            create(file, options.withPreallocated(bytes));
        } catch (DeviceException refused) {
            if (refused.errno() != Errno.EOPNOTSUPP) {
                throw refused;
            }
            create(file, options.withCreate(bytes)); // a file system that cannot preallocate; it is written once anyway
        }
        return file;
    }

    private static void create(Path file, OpenOptions options) {
        BlockDevice made =
                Objects.requireNonNull(IoEngines.posix().open(file, options).block());
        made.close().block();
    }

    /** Fills the files: each megabyte has its own random bytes, the same on all legs. */
    private void fill(BenchLegs prepared, int legs) {
        Variant fill = new Variant(
                IoEngines.posix().name(), legs, Workload.WRITE, Access.SEQUENTIAL, Variant.BLOCK_BYTES_MAX, 1);
        DmIo client = DmIo.create().get(Variant.BLOCK_BYTES_MAX / Sectors.PAGE_BYTES);
        VmBuffer noise = VmBuffer.allocate(Variant.BLOCK_BYTES_MAX);
        SplittableRandom random = new SplittableRandom();
        try (Legs open = prepared.open(fill)) {
            List<BlockDevice> devices = open.devices();
            for (long at = 0; at < bytes && !stop.requested(); at += Variant.BLOCK_BYTES_MAX) {
                Noise.fill(noise, random);
                long count = Sectors.ofBytes(Math.min(bytes - at, Variant.BLOCK_BYTES_MAX));
                requireClear(client.writeSync(regions(devices, Sectors.ofBytes(at), count), noise));
            }
            requireClear(client.flushSync(regions(devices, 0, 0)));
        } finally {
            noise.release();
            client.close().block();
        }
    }

    private static List<IoRegion> regions(List<BlockDevice> devices, long sector, long count) {
        return devices.stream()
                .map(device -> new IoRegion(device, sector, count))
                .toList();
    }

    private static void requireClear(ErrorBits bits) {
        if (!bits.isClear()) {
            throw new IllegalArgumentException("the files could not be filled: " + bits);
        }
    }
}
