package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.Sectors;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.CommonOptions;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.Sizes;
import io.dmio.app.config.ConfigOption;
import io.dmio.app.metrics.Metrics;
import io.dmio.engine.OpenOptions;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.MirrorOwner;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The legs that a mirror command is given, and how they are opened. Blocks; for a command's main thread. */
final class MirrorLegs {

    @Parameters(
            arity = "0..*",
            paramLabel = "LEG",
            description = "The mirror's legs: files, block devices, NBD exports (nbd://host:port/name).")
    private List<String> bare = List.of();

    @Option(names = "--leg", paramLabel = "LEG", description = "The same, one at a time, for those who like names.")
    private List<String> named = List.of();

    @Option(names = "--direct", description = "Past the page cache (O_DIRECT).")
    private boolean direct;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Mixin
    private CommonOptions common = new CommonOptions();

    private Metrics metrics = Metrics.off();

    /** Opens legs so that they are timed from now on. */
    void metered(Metrics by) {
        metrics = by;
    }

    boolean json() {
        return common.json();
    }

    /** Returns the file that names them, and everything else that the command was given there. */
    Optional<Path> file() {
        return config.file();
    }

    /** Returns the engine that they run on. */
    Engine engine() {
        return common.engine();
    }

    /** Returns the same legs by names that mean the same in every directory. */
    MirrorLegs absolute() {
        MirrorLegs same = new MirrorLegs();
        same.bare = bare.stream().map(Place::absolute).toList();
        same.named = named.stream().map(Place::absolute).toList();
        same.direct = direct;
        same.common = common;
        same.metrics = metrics;
        return same;
    }

    /** Returns whether none are given. */
    boolean isEmpty() {
        return bare.isEmpty() && named.isEmpty();
    }

    /** Returns the legs as the user wrote them, in that order; the others may become copies of the first. */
    List<String> given() {
        if (bare.isEmpty() == named.isEmpty()) {
            throw new IllegalArgumentException(
                    bare.isEmpty()
                            ? "no legs: name them, as in a.img b.img, or --leg a.img --leg b.img"
                            : "legs with --leg and legs without: their order counts, so write all of them one way");
        }
        return List.copyOf(bare.isEmpty() ? named : bare);
    }

    /** Refuses what cannot be a mirror, whatever is found there: too many legs, or a leg that is named twice. Looks at no disk. */
    void requirePossible() {
        if (given().size() > MirrorOptions.LEGS_MAX) {
            throw new IllegalArgumentException(
                    given().size() + " legs: a mirror has at most " + MirrorOptions.LEGS_MAX);
        }
        Map<String, String> seen = new HashMap<>();
        for (String leg : given()) {
            requireNew(leg, seen.putIfAbsent(Place.absolute(leg), leg));
        }
    }

    private static void requireNew(String leg, @Nullable String same) {
        if (same != null) {
            throw new IllegalArgumentException(leg + ": is the same as " + same + ", which is given already");
        }
    }

    /**
     * Returns the place of a leg among those given.
     *
     * @param leg as the user wrote it
     * @param option the option that named it, for the refusal
     */
    int indexOf(String leg, String option) {
        int index = given().indexOf(leg);
        if (index < 0) {
            throw new IllegalArgumentException(option + " " + leg + ": is none of the legs given");
        }
        return index;
    }

    /** Opens the legs that are there, only to look. */
    Opened openToRead() {
        Engine engine = common.engineToLook();
        return opened(given(), path -> engine.open(path, OpenOptions.readOnly().withDirect(direct)));
    }

    /** Opens the legs that are there, to run a mirror on them; whether these are enough is for the mirror to say. */
    Opened open(CommandContext context) {
        checked(context, given().stream().filter(Place::exists).toList(), false);
        try {
            return opened(given(), this::openToWrite);
        } catch (DeviceException busy) {
            throw new IllegalArgumentException(busy.getMessage() + owner(), busy);
        }
    }

    /** Returns the owner of the mirror, as its legs say: a server that is starting, or that can be asked in another run directory. */
    private String owner() {
        Opened opened = openToRead();
        try {
            return Survey.of(opened.there()).mirrors().values().stream()
                    .flatMap(mirror -> mirror.status().owner().stream())
                    .filter(MirrorOwner::open)
                    .map(owner -> " (the mirror is open in " + owner.words() + ")")
                    .findFirst()
                    .orElse("");
        } finally {
            opened.devices().forEach(MirrorLegs::close);
        }
    }

    /** Opens a leg for a mirror that runs; blocks. */
    BlockDevice openToWrite(String path) {
        Engine engine = common.engine();
        OpenOptions how = OpenOptions.readWrite().withDirect(direct);
        return metrics.metered(PathDevice.of(path, () -> engine.open(path, how)));
    }

    private static Opened opened(List<String> paths, Function<String, BlockDevice> opener) {
        Map<String, BlockDevice> devices = new LinkedHashMap<>();
        Map<String, String> absent = new LinkedHashMap<>();
        try {
            for (String path : paths) {
                String why = Place.whyAbsent(path, () -> devices.put(path, opener.apply(path)));
                if (!why.isEmpty()) {
                    absent.put(path, why);
                }
            }
        } catch (RuntimeException refused) {
            devices.values().forEach(MirrorLegs::close);
            throw refused;
        }
        if (devices.isEmpty()) {
            throw new IllegalArgumentException(Opened.words(absent));
        }
        return new Opened(devices, absent);
    }

    /**
     * The legs as they were found.
     *
     * @param there the device of each that could be opened, in the order they were given
     * @param absent why the others could not be opened
     */
    record Opened(Map<String, BlockDevice> there, Map<String, String> absent) {

        List<BlockDevice> devices() {
            return List.copyOf(there.values());
        }

        static String words(Map<String, String> absent) {
            return absent.entrySet().stream()
                    .map(leg -> leg.getKey() + ": " + leg.getValue())
                    .collect(Collectors.joining("; "));
        }
    }

    /**
     * Opens the legs to become a mirror; those that are missing become files.
     *
     * @param dataSectors the mirror's size; 0 if not given
     * @param options the options of the new mirror
     * @param force whether to take a leg even if somebody else uses it
     */
    LegOpening create(CommandContext context, long dataSectors, MirrorOptions options, boolean force) {
        LegOpening opening = new LegOpening(metrics);
        for (FileId id : checked(context, given(), force)) {
            if (id.kind() == FileId.Kind.MISSING && dataSectors == 0) {
                throw new IllegalArgumentException(
                        id.given() + ": no such file: say with --size how large it shall be");
            }
        }
        long legBytes = dataSectors == 0 ? 0 : Sectors.toBytes(options.legSectors(dataSectors));
        opening.creating(legBytes).open(common.engine(), OpenOptions.readWrite().withDirect(direct), given());
        return opening;
    }

    /** Returns what opens new legs. */
    LocalSteering.Newcomers newcomers(CommandContext context) {
        return new NewLegs(context, common.engine(), direct, metrics);
    }

    /** Refuses what cannot be a leg, and what somebody uses. */
    static List<FileId> checked(CommandContext context, List<String> paths, boolean force) {
        List<FileId> ids = paths.stream().map(FileId::of).toList();
        Map<String, String> seen = new HashMap<>();
        for (FileId id : ids) {
            switch (id.kind()) {
                case MISSING, EXPORT -> {}
                case FILE, BLOCK_DEVICE ->
                    context.inUse().by(id).filter(why -> !force).ifPresent(why -> {
                        throw new IllegalArgumentException(id.given() + ": would be written to, and " + why);
                    });
                default ->
                    throw new IllegalArgumentException(
                            id.given() + ": is " + id.kind().words() + "; a leg is a file or a block device");
            }
            requireNew(id.given(), seen.putIfAbsent(id.key(), id.given()));
        }
        return ids;
    }

    /** Returns the size of a mirror in sectors, by --size: whole pages, rounded up. */
    static long sectors(long bytes) {
        return Sectors.ofBytes(Sizes.roundUp(bytes, Sectors.PAGE_BYTES));
    }

    /** Tells the user if the size is not what was asked for. */
    static void tellRounded(CommandContext context, long bytes, long sectors) {
        if (Sectors.toBytes(sectors) != bytes) {
            context.console()
                    .err()
                    .println("dmio: --size was rounded up to " + Sectors.toBytes(sectors) + " bytes, a multiple of 4K");
        }
    }

    /** Closes a device, whatever it reports: what led here is told already. */
    static void close(BlockDevice device) {
        try {
            device.close().block();
        } catch (DeviceException told) {
            // nothing was written that counts
        }
    }
}
