package io.dmio.app.info;

import io.dmio.BlockDevice;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.CommonOptions;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.Json;
import io.dmio.app.cli.Look;
import io.dmio.app.cli.OneLine;
import io.dmio.app.cli.Sizes;
import io.dmio.engine.IoEngine;
import io.dmio.engine.OpenOptions;
import io.dmio.nbd.NbdPaddedDevice;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dmio info PATH...}: shows what a file or disk promises once it is open. Writes nothing. */
@Command(
        name = "info",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = InfoCommand.HEADER,
        footer = {
            "",
            "Examples:",
            "  dmio info disk.img",
            "  dmio info --direct --json /dev/sda /dev/sdb",
            "  dmio info nbd://host/export"
        })
public final class InfoCommand implements Callable<Integer> {

    /** What the command is for, in a line of the help. */
    public static final String HEADER = "Show what files and disks promise: sizes, blocks, alignment, engine.";

    private final CommandContext context;

    @Parameters(arity = "1..*", paramLabel = "PATH", description = "Files, block devices, NBD exports.")
    private List<String> paths = List.of();

    @Option(names = "--direct", description = "As opened past the page cache (O_DIRECT).")
    private boolean direct;

    @Mixin
    private CommonOptions common = new CommonOptions();

    public InfoCommand(CommandContext context) {
        this.context = context;
    }

    /** A promise and what limits it. */
    private record Found(FileId id, Opened opened, Optional<String> note) {
        DeviceInfo info() {
            return opened.info;
        }

        /** Returns whether no engine of this machine carries its I/O. */
        boolean isRemote() {
            return id.kind() == FileId.Kind.EXPORT;
        }
    }

    /** What a device promises, and the leg that it is, if it is one. */
    private record Opened(DeviceInfo info, Optional<LegMark> leg) {}

    @Override
    public Integer call() {
        List<FileId> ids = paths.stream().map(FileId::of).toList();
        Engine engine = common.engine();
        IoEngine looking = common.engineToLook().io(); // what files promise is the same by each that makes system calls
        List<Found> all = new ArrayList<>();
        for (FileId id : ids) {
            all.add(look(id, looking));
        }
        if (common.json()) {
            context.console()
                    .out()
                    .println(Json.of(
                            all.stream().map(found -> json(found, engine)).toList()));
        } else {
            all.forEach(found -> print(found, engine));
        }
        return ExitCode.GOOD;
    }

    /** Opens for writing if that is harmless, as only then a device tells everything it can do; else for reading. */
    private Found look(FileId id, IoEngine engine) {
        if (id.kind() == FileId.Kind.STANDARD) {
            throw new IllegalArgumentException("- is a stream; only files and block devices have sectors");
        }
        if (id.kind() == FileId.Kind.EXPORT) {
            return export(id, engine);
        }
        Optional<String> user = context.inUse().by(id);
        if (user.isPresent()) {
            return reading(id, engine, "looked at for reading only: " + user.get());
        }
        try {
            OpenOptions write = OpenOptions.readWrite().withShared().withDirect(direct);
            return new Found(id, info(id, engine, write), Optional.empty());
        } catch (DeviceException refused) {
            return switch (refused.errno()) {
                case EACCES, EPERM, EROFS, EBUSY, ETXTBSY, EINVAL -> reading(id, engine, whyReading(id, refused));
                default -> throw refused;
            };
        }
    }

    private static String whyReading(FileId id, DeviceException refused) {
        long odd = id.bytes() % 512;
        return odd == 0
                ? "looked at for reading only: " + refused.errno().meaning()
                : "without the " + Sizes.counted(odd, "byte") + " after the last whole block, and so for reading only";
    }

    private Found reading(FileId id, IoEngine engine, String note) {
        OpenOptions read = OpenOptions.readOnly().withDirect(direct).withTruncatedTail();
        return new Found(id, info(id, engine, read), Optional.of(note));
    }

    private static Opened info(FileId id, IoEngine engine, OpenOptions options) {
        BlockDevice device = Engine.open(engine, id.given(), options);
        try {
            return new Opened(device.info(), LegMark.of(device));
        } finally {
            device.close().block();
        }
    }

    private Found export(FileId id, IoEngine engine) {
        BlockDevice device = Engine.openAll(engine, id.given(), OpenOptions.readOnly());
        Optional<LegMark> leg = LegMark.of(device);
        device.close().block();
        DeviceInfo info = device instanceof NbdPaddedDevice padded ? padded.unpadded() : device.info();
        long odd = Engine.bytes(device) - info.bytes();
        return new Found(
                id,
                new Opened(info, leg),
                odd == 0
                        ? Optional.empty()
                        : Optional.of("without the " + Sizes.counted(odd, "byte")
                                + " after the last whole block, which copies and read-only servers take"));
    }

    private void print(Found found, Engine engine) {
        PrintStream out = context.console().out();
        Look look = context.console().outLook();
        DeviceInfo info = found.info();
        out.println(
                look.strong(OneLine.of(info.name())) + "  " + found.id().kind().words());
        row(
                "size",
                Sizes.human(info.bytes()) + " = " + Sizes.counted(info.bytes(), "byte") + " = "
                        + Sizes.counted(info.sectorCount(), "sector"));
        row(
                "blocks",
                Sizes.grouped(info.logicalBlockBytes()) + " bytes logical (smallest I/O), "
                        + Sizes.grouped(info.physicalBlockBytes()) + " physical");
        row("transfer", "at most " + Sizes.human(info.transferBytesMax()) + " at once; longer ones are split");
        row(
                "memory",
                info.memoryAlignmentBytes() == 1
                        ? "any goes down without a copy"
                        : "aligned to " + info.memoryAlignmentBytes() + " bytes goes down without a copy");
        row("can", capabilities(info).isEmpty() ? "read and write" : String.join(", ", capabilities(info)));
        row(
                "engine",
                found.isRemote()
                        ? info.engine()
                        : engine.name() + (direct ? ", direct" : ", buffered") + " (" + engine.reason() + ")");
        found.opened().leg().ifPresent(leg -> row("mirror", leg.words()));
        found.note().ifPresent(note -> row("note", note));
    }

    private void row(String name, String value) {
        context.console().out().println("  " + String.format(Locale.ROOT, "%-10s", name) + OneLine.of(value));
    }

    private static List<String> capabilities(DeviceInfo info) {
        return info.capabilities().stream().map(InfoCommand::word).toList();
    }

    private static String word(Capability capability) {
        return capability == Capability.FUA
                ? "FUA"
                : capability.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private Map<String, Object> json(Found found, Engine engine) {
        DeviceInfo info = found.info();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", info.name());
        json.put("kind", found.id().kind().words());
        json.put("bytes", info.bytes());
        json.put("sectors", info.sectorCount());
        json.put("logicalBlockBytes", info.logicalBlockBytes());
        json.put("physicalBlockBytes", info.physicalBlockBytes());
        json.put("transferBytesMax", info.transferBytesMax());
        json.put("memoryAlignmentBytes", info.memoryAlignmentBytes());
        json.put(
                "capabilities",
                info.capabilities().stream().map(InfoCommand::word).collect(Collectors.toList()));
        json.put("direct", direct);
        json.put("engine", found.isRemote() ? info.engine() : engine.name());
        json.put("engineReason", found.isRemote() ? "an export" : engine.reason());
        found.opened().leg().ifPresent(leg -> json.put("mirror", leg.json()));
        found.note().ifPresent(note -> json.put("note", note));
        return json;
    }
}
