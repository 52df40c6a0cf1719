package io.dmio.app.bench;

import io.dmio.Sectors;
import io.dmio.app.bench.BenchLegs.Caching;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.CommonOptions;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.Sizes;
import io.dmio.app.measure.Result;
import io.dmio.app.measure.Rounds;
import io.dmio.app.measure.Variant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dmio bench}: measures engines, depths, block sizes and legs on a disk, and says which suit it. */
@Command(
        name = "bench",
        customSynopsis = "dmio bench [--dir DIR | --device PATH...] [OPTIONS]",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = BenchCommand.HEADER,
        description = {
            "",
            "Without options: a first look in half a minute, on files it makes in the current directory and deletes again,"
                    + " past the page cache where the file system can. Naming --legs, --block, --depth or --access measures"
                    + " every combination of what is named instead; --full is the large matrix.",
            "",
            "The variants run in turn, round after round; printed are medians of the rounds, and latencies of all of them"
                    + " from submit to result. Operations are those of legs: a write to three legs counts three. CPU time"
                    + " is the whole process's, allocation what its threads take from the heap.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  dmio bench --dir /mnt/data",
            "  dmio bench --dir /mnt/data --block 4k,64k --depth 1,4,16,64 --svg disk.svg",
            "  dmio bench --work mixed --reads 90 --legs 1,3 --time 5s --rounds 5",
            "  dmio bench --device /dev/nvme0n1 --work read --json > week-1.json",
            "  dmio bench --device /dev/nvme0n1 --work read --against week-1.json",
            "  dmio bench --device nbd://host2/disk --work read --depth 1,16,64",
            "  dmio bench --device /dev/sdx --device /dev/sdy --overwrite"
        })
public final class BenchCommand implements Callable<Integer> {

    /** What the command is for, in a line of the help. */
    public static final String HEADER = "Measure which engine, depth and block size suit a disk.";

    private static final String SIZE_DEFAULT = "128M";

    private final CommandContext context;

    @Option(names = "--dir", paramLabel = "DIR", description = "Where to make the files. Default: here.")
    private @Nullable Path directory;

    @Option(
            names = "--device",
            paramLabel = "PATH",
            description =
                    "A file, block device or NBD export that exists, as a leg; again for more legs. --work read leaves it as it is.")
    private List<String> devices = List.of();

    @Option(names = "--overwrite", description = "Allow writes to what --device names; they destroy its content.")
    private boolean overwrite;

    @Option(names = "--size", paramLabel = "SIZE", description = "Of each leg. Default: files of 128M, whole devices.")
    private String size = "";

    @ArgGroup
    private CachingOptions caching = new CachingOptions();

    @Mixin
    private BenchOptions options = new BenchOptions();

    @Option(names = "--json", description = "Print one JSON object to standard output, and nothing else there.")
    private boolean json;

    @Option(names = "--svg", paramLabel = "FILE", description = "Also draw throughput and latency into a file.")
    private @Nullable Path svg;

    @Option(
            names = "--against",
            paramLabel = "FILE",
            description =
                    "Compare with an earlier run, kept by --json, and exit with 2 if something is slower by more than"
                            + " a tenth in every round. Give the options of that run.")
    private @Nullable Path against;

    @Option(
            names = {"-v", CommonOptions.VERBOSE},
            description = "Log what the library does.")
    @SuppressWarnings("UnusedVariable") // looked for in Main, before any logger is made
    private boolean verbose;

    public BenchCommand(CommandContext context) {
        this.context = context;
    }

    /** Whether to bypass the page cache or to use it. */
    static final class CachingOptions {
        @Option(names = "--direct", description = "Past the page cache (O_DIRECT); the default where it is possible.")
        private boolean direct;

        @Option(names = "--buffered", description = "Through the page cache, which is measured then.")
        private boolean buffered;

        Caching wish() {
            return buffered ? Caching.BUFFERED : direct ? Caching.DIRECT : Caching.DIRECT_IF_POSSIBLE;
        }
    }

    @Override
    public Integer call() throws IOException {
        options.check();
        checkPicture();
        Optional<KeptRun> kept = Optional.ofNullable(against).map(KeptRun::read); // before anything is measured
        BenchText text = new BenchText(context.console());
        try (BenchPlace place = place()) {
            BenchSetup setup = setup(place, text);
            if (!json) {
                text.begin(setup, options.quick() ? options.fullWords(setup.engines(), place.legsMost()) : "");
            }
            Rounds rounds = new Rounds(setup.variants(), setup.timing());
            List<Result> results = rounds.run(
                    setup.legs(),
                    context.shutdown().signal(),
                    (variant, done) -> text.measuring(variant, done, rounds.measurements()));
            text.endStatus();
            BenchEnd end = new BenchEnd(context.console(), json, Optional.ofNullable(svg), kept);
            return end.tell(setup, results, context.shutdown().requested());
        }
    }

    private BenchSetup setup(BenchPlace place, BenchText text) throws IOException {
        List<Engine> engines = place.isRemote() ? options.noEngines() : options.engines();
        List<String> names = engines.isEmpty()
                ? List.of(Engine.NONE)
                : engines.stream().map(Engine::name).toList();
        List<Variant> variants = options.variants(names, place);
        requireMemory(variants);
        text.preparing();
        try {
            int legs = variants.stream().mapToInt(Variant::legs).max().orElse(1);
            BenchLegs prepared = place.prepare(legs, caching.wish());
            prepared.check(variants);
            return new BenchSetup(place.words(), prepared, names, variants, options.timing(), notes(prepared, engines));
        } finally {
            text.endStatus();
        }
    }

    private BenchPlace place() {
        if (devices.isEmpty()) {
            if (overwrite) {
                throw new IllegalArgumentException("--overwrite is for --device; files made here are new");
            }
            long bytes = Sizes.parse(size.isEmpty() ? SIZE_DEFAULT : size);
            return new BenchFiles(directory == null ? Path.of(".") : directory, wholePages(bytes), context.shutdown());
        }
        if (directory != null) {
            throw new IllegalArgumentException("--dir makes files, --device takes what exists: give one of them");
        }
        BenchDevices named = new BenchDevices(
                devices.stream().map(FileId::of).toList(), size.isEmpty() ? 0 : wholePages(Sizes.parse(size)));
        if (options.writes()) {
            named.requireWritable(overwrite, context.inUse());
        }
        return named;
    }

    private long wholePages(long bytes) {
        if (bytes < Sectors.PAGE_BYTES || bytes % Sectors.PAGE_BYTES != 0) {
            throw new IllegalArgumentException("--size " + size + ": whole pages of 4096 bytes, such as 128M");
        }
        return bytes;
    }

    private static void requireMemory(List<Variant> variants) {
        long most = Runtime.getRuntime().maxMemory() / 4 * 3; // direct memory has the heap's limit
        for (Variant variant : variants) {
            if (variant.bufferBytes() > most) {
                throw new IllegalArgumentException("--depth " + variant.depth() + " with blocks of " + variant.block()
                        + " needs " + Sizes.human(variant.bufferBytes()) + " of buffers, at most " + Sizes.human(most)
                        + " can be had; lower one of them, or raise the limit with DMIO_JAVA_OPTS=-Xmx8g");
            }
        }
    }

    private List<String> notes(BenchLegs prepared, List<Engine> engines) {
        List<String> notes = new ArrayList<>();
        if (!prepared.direct()) {
            notes.add((caching.wish() == Caching.BUFFERED
                            ? ""
                            : "no direct I/O here, so it goes through the page cache; ")
                    + "the cache is measured more than the disk");
        }
        if (engines.isEmpty()) {
            notes.add("exports: their servers decide whether a page cache is used");
        }
        if (engines.size() == 1 && options.allEngines()) {
            notes.add("one engine only: " + engines.get(0).reason());
        }
        return notes;
    }

    /** Checks the picture before half an hour is spent on one that cannot be written then. */
    private void checkPicture() {
        if (svg == null) {
            return;
        }
        FileId id = FileId.of(svg.toString());
        if (id.kind() != FileId.Kind.MISSING && id.kind() != FileId.Kind.FILE) {
            throw new IllegalArgumentException(
                    "--svg " + svg + ": is " + id.kind().words());
        }
        if (devices.stream().map(FileId::of).anyMatch(device -> device.key().equals(id.key()))) {
            throw new IllegalArgumentException("--svg " + svg + ": is given by --device already");
        }
    }
}
