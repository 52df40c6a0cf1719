package io.dmio.app.mirror;

import io.dmio.Sectors;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.CommonOptions;
import io.dmio.app.cli.RateOption;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dmio mirror create}: makes a mirror of files and disks. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = MirrorCreateCommand.HEADER,
        description = {
            "",
            "The first leg keeps what it holds, but for its end where the metadata goes; the others get a copy of it. Legs that"
                    + " are missing become sparse files. The mirror is as large as its smallest leg has room for, or as --size says.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  dmio mirror create --size 1G a.img b.img c.img",
            "  dmio mirror create /dev/sdx /dev/sdy",
            "  dmio mirror create --legs-min 2 --chunk 256K --size 10G a.img b.img"
        })
final class MirrorCreateCommand implements Callable<Integer> {

    /** What it is for, in a line of the help. */
    static final String HEADER = "Make a mirror of files and disks.";

    private static final long CHUNK_BYTES_MIN = 64 << 10;
    private static final long CHUNK_BYTES_MAX = 64 << 20;

    private final CommandContext context;

    @Mixin
    private MirrorLegs legs = new MirrorLegs();

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            converter = CommonOptions.Bytes.class,
            description =
                    "How large the mirror shall be: the size of new files follows from it. A multiple of 4K, or it is rounded up.")
    private long size;

    @Option(
            names = "--chunk",
            paramLabel = "SIZE",
            converter = CommonOptions.Bytes.class,
            description =
                    "What is copied for each write that a crash interrupts: 64K to 64M, a power of two. Default: by"
                            + " the size, 64K to 64M.")
    private long chunk;

    @Option(
            names = "--block",
            paramLabel = "SIZE",
            converter = CommonOptions.Bytes.class,
            description =
                    "The mirror's block, at least: 4K, and legs with blocks of 4K can come to it also while it is served."
                            + " Default: that of its legs.")
    private long block = Sectors.BYTES;

    @Option(names = "--legs-min", paramLabel = "N", description = "Refuse writes with fewer legs in sync. Default: 1.")
    private int legsMin = 1;

    @Option(
            names = "--write-mostly",
            paramLabel = "LEG",
            description = "A leg that reads avoid, such as a slow one; may be given again.")
    private List<String> writeMostly = List.of();

    @Option(
            names = "--equal",
            description = "The legs are equal already, or nobody will read what is not: copy nothing.")
    private boolean equal;

    @Option(
            names = "--force",
            description = "Even over legs that carry a mirror or hold something else, which is lost then.")
    private boolean force;

    @Mixin
    private RateOption rate = new RateOption();

    @Option(names = "--no-wait", description = "Do not copy now; dmio mirror resync does it later.")
    private boolean noWait;

    MirrorCreateCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        MirrorOptions.Builder options = options();
        long sectors = MirrorLegs.sectors(size);
        if (sectors != 0) {
            options.sectorCount(sectors);
        }
        LegOpening opening = legs.create(context, sectors, options.build(), force);
        if (!force) {
            opening.requireRoom(equal ? legs.given().size() : 1, options.build());
        }
        options.equalAlready(equal || opening.isNew());
        try (MirrorRun run = start(opening, options.build())) {
            MirrorLegs.tellRounded(context, size, sectors);
            return run.end(new MirrorText(context.console(), legs.json()), !noWait && !equal);
        }
    }

    private MirrorRun start(LegOpening opening, MirrorOptions options) {
        try {
            return MirrorRun.start(
                    context,
                    opening.devices(),
                    legs -> MirrorDevice.create(legs, options),
                    MirrorRun.bars(context, this.legs.json()));
        } catch (RuntimeException refused) {
            opening.undo();
            throw refused;
        }
    }

    private MirrorOptions.Builder options() {
        if (legsMin < 1) {
            throw new IllegalArgumentException("--legs-min " + legsMin + ": at least 1");
        }
        if (chunk != 0 && (chunk < CHUNK_BYTES_MIN || chunk > CHUNK_BYTES_MAX || Long.bitCount(chunk) != 1)) {
            throw new IllegalArgumentException("--chunk: a power of two from 64K to 64M, not " + chunk + " bytes");
        }
        if (block < Sectors.BYTES || block > Sectors.PAGE_BYTES || Long.bitCount(block) != 1) {
            throw new IllegalArgumentException("--block: 512, 1K, 2K or 4K, not " + block + " bytes");
        }
        MirrorOptions.Builder options = MirrorStarting.options(context)
                .blockBytes((int) block)
                .legsMin(legsMin)
                .overwrite(force)
                .resyncBytesPerSecond(1, rate.bytesPerSecondMax())
                .writeMostly(writeMostly.stream()
                        .mapToInt(leg -> legs.indexOf(leg, "--write-mostly"))
                        .toArray());
        if (legsMin > legs.given().size()) {
            throw new IllegalArgumentException("--legs-min " + legsMin + ": there are only "
                    + legs.given().size() + " legs, so it would never take a write");
        }
        return chunk == 0 ? options : options.chunkBytes((int) chunk);
    }
}
