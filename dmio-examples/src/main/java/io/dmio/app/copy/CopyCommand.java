package io.dmio.app.copy;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.Sectors;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.CommonOptions;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.FilePath;
import io.dmio.app.cli.ProgressPrinter;
import io.dmio.copy.CopyService;
import io.dmio.copy.Throttle;
import io.dmio.engine.OpenOptions;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dmio copy SRC DST...}: opens, checks, copies, closes and reports. */
@Command(
        name = "copy",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = CopyCommand.HEADER,
        description = {
            "",
            "The source is read once and written to every destination side by side. A destination that fails stops nobody:"
                    + " it is named with its failed ranges, and the others are complete.",
            "",
            "A destination that is missing becomes a new file. A file that exists is treated like a disk: it must be at"
                    + " least as long as the source and keeps its length, unless --resize says otherwise. If the source"
                    + " ends inside a block, the rest of that block is filled with zeroes on disks and longer files.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  dmio copy disk.img a.img b.img c.img      three files, one reading",
            "  dmio copy --direct --verify disk.img /dev/sdx /dev/sdy",
            "  curl -s https://example.org/image | dmio copy - a.img b.img",
            "  dmio copy /dev/sdx - a.img | gzip > b.img.gz",
            "  dmio copy --go-on --rate 20M /dev/sdx rescued.img    a disk with bad blocks",
            "  dmio copy disk.img nbd://host/export a.img           to another machine, too"
        })
public final class CopyCommand implements Callable<Integer> {

    /** What the command is for, in a line of the help. */
    public static final String HEADER = "Copy one file, disk or stream to many at once.";

    private static final int PERCENT_ALL = 100;
    private static final int PIECE_PAGES_MAX = 128; // kcopyd's
    private static final int PIECES_PER_SECOND_MIN = 8; // of a copy that is slowed down, as far as a page allows

    private final CommandContext context;

    @Parameters(
            index = "0",
            paramLabel = "SRC",
            description = "A file, a block device, an NBD export, a pipe, or - for standard input.")
    private String source = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "DST",
            description = "Files, block devices and NBD exports, up to 64; one may be - for standard output.")
    private List<String> destinations = List.of();

    @Option(names = "--direct", description = "Past the page cache (O_DIRECT), on both sides.")
    private boolean direct;

    @Option(
            names = "--budget",
            paramLabel = "SIZE",
            converter = CommonOptions.Pages.class,
            description = "Memory in flight: 1M, 64K, 256p (pages of 4 KiB). Default: 16M.")
    private int pages = (16 << 20) / Sectors.PAGE_BYTES;

    @Option(names = "--verify", description = "Read every destination again and compare; from the disk with --direct.")
    private boolean verify;

    @Option(
            names = "--sync",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Make it durable before the end (the default), or not.")
    private boolean sync = true;

    @Option(names = "--resize", description = "Files that exist take the source's length.")
    private boolean resize;

    @Option(
            names = "--rate",
            paramLabel = "SIZE",
            converter = CommonOptions.Bytes.class,
            description =
                    "Read at most so much per second: 50M. Default: no limit. Files and disks only, as the next three.")
    private long rate = Long.MAX_VALUE;

    @Option(
            names = "--share",
            paramLabel = "PERCENT",
            description = "Be busy for at most so much of the time: 1 to 100. Default: 100.")
    private int share = PERCENT_ALL;

    @Option(
            names = "--sparse",
            negatable = true,
            description =
                    "Leave zeroes out of new files, and punch holes into others where they can; what the source knows to be a hole is"
                            + " not read. Default: if all destinations are new files.")
    private @Nullable Boolean sparse;

    @Option(
            names = "--go-on",
            description =
                    "Leave out what cannot be read of the source, name it, and copy the rest. Else the copy ends there.")
    private boolean goOn;

    @Option(names = "--force", description = "Write also to what another program uses, or is mounted.")
    private boolean force;

    @Mixin
    private CommonOptions common = new CommonOptions();

    public CopyCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        FileId from = FileId.of(source);
        List<FileId> to = destinations.stream().map(FileId::of).toList();
        new CopyChecks(context.inUse(), force).check(from, to);
        boolean toStandardOutput = to.stream().anyMatch(CopyCommand::isStandard);
        if (toStandardOutput && common.json()) {
            throw new IllegalArgumentException("--json and the destination - both need standard output");
        }
        boolean streams = toStandardOutput || from.isStream();
        checkLimits(streams);
        Engine engine = common.engine();
        List<BlockDevice> opened = new ArrayList<>();
        List<Target> targets = new ArrayList<>();
        boolean ran = false;
        try (InputStream pipe =
                from.isStream() && !isStandard(from) ? new FileInputStream(source) : InputStream.nullInputStream()) {
            ByteSource bytes = source(from, engine, pipe, opened);
            Target.Wish wish = new Target.Wish(engine.io(), direct, resize, bytes.bytes(), from.mode());
            to.stream().filter(id -> !isStandard(id)).forEach(id -> targets.add(Target.open(id, wish)));
            CopySettings settings = new CopySettings(sync, verify, goOn, sparse != null ? sparse : areNew(targets));
            ran = true;
            CopyReport report = bytes instanceof DeviceSource device && !streams
                    ? copy(device, targets, settings)
                    : stream(bytes, targets, settings, toStandardOutput);
            return new CopyEnd(context.console(), engine, targets, sync).tell(report, common.json());
        } finally {
            if (!ran) {
                targets.forEach(Target::undo);
            }
            opened.forEach(device -> device.close().block());
        }
    }

    private void checkLimits(boolean streams) {
        if (streams && (goOn || sparse != null || rate != Long.MAX_VALUE || share != PERCENT_ALL)) {
            throw new IllegalArgumentException(
                    "--rate, --share, --sparse and --go-on are for copies of files and disks to files and disks");
        }
        if (share < 1 || share > PERCENT_ALL) {
            throw new IllegalArgumentException("--share " + share + ": 1 to 100, percent of the time");
        }
    }

    private CopyReport copy(DeviceSource source, List<Target> targets, CopySettings settings) {
        long most = Math.min(pages / 2, rate / PIECES_PER_SECOND_MIN / Sectors.PAGE_BYTES);
        int piece = (int) Math.min(Math.max(most, 1), PIECE_PAGES_MAX);
        CopyService service = CopyService.builder()
                .pages(pages)
                .piecePages(piece)
                .throttle(Throttle.unlimited().bytesPerSecondMax(rate).percentMax(share))
                .build();
        DmIo client = DmIo.create().get(pages); // used when the service rests
        DeviceCopyJob job = new DeviceCopyJob(service, client, source, devices(targets), settings, areNew(targets))
                .until(context.shutdown().signal());
        try {
            return run(job, source.bytes());
        } finally {
            service.close().then(client.close()).block();
        }
    }

    private CopyReport stream(ByteSource source, List<Target> targets, CopySettings settings, boolean alsoOut) {
        DmIo client = DmIo.create().get(pages);
        CopyJob job = new CopyJob(client, source, devices(targets), settings)
                .until(context.shutdown().signal());
        if (alsoOut) {
            job.alsoTo(context.console().data());
        }
        try {
            return run(job, source.bytes());
        } finally {
            client.close().block();
        }
    }

    private CopyReport run(Copying job, long bytes) {
        ProgressPrinter.Running progress = ProgressPrinter.ifWatched(context, common.json(), job::bytesDone, bytes);
        try {
            return Objects.requireNonNull(job.run().block());
        } finally {
            if (progress != null) {
                progress.end();
            }
        }
    }

    private ByteSource source(FileId from, Engine engine, InputStream pipe, List<BlockDevice> opened)
            throws IOException {
        if (from.isStream()) {
            return isStandard(from)
                    ? new StreamSource("standard input", context.console().in())
                    : new StreamSource(source, pipe);
        }
        OpenOptions options = OpenOptions.readOnly().withDirect(direct).withTruncatedTail();
        BlockDevice device = Engine.openAll(engine.io(), source, options);
        opened.add(device);
        return from.kind() == FileId.Kind.FILE
                ? DeviceSource.ofFile(device, FilePath.of(source), from.bytes())
                : DeviceSource.of(device);
    }

    private static boolean areNew(List<Target> targets) {
        return targets.stream().allMatch(Target::isNew);
    }

    private static List<BlockDevice> devices(List<Target> targets) {
        return targets.stream().map(Target::device).toList();
    }

    private static boolean isStandard(FileId id) {
        return id.kind() == FileId.Kind.STANDARD;
    }
}
