package io.dmio.app.serve;

import io.dmio.BlockDevice;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.CommonOptions;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.FilePath;
import io.dmio.app.cli.Sizes;
import io.dmio.app.metrics.Metrics;
import io.dmio.engine.OpenOptions;
import io.dmio.nbd.NbdExport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dmio serve}: serves files, disks and other servers' exports by the network block device protocol. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = ServeCommand.HEADER,
        description = {
            "",
            "Clients are the kernel (nbd-client), QEMU, libnbd, fio, and dmio on other machines. One device is served under"
                    + " every name; several by their file names, or by those that --export gives them.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  dmio serve disk.img                            nbd://127.0.0.1",
            "  dmio serve --unix /run/disk.sock --read-only disk.img",
            "  dmio serve --export a=a.img --export b=/dev/sdb --listen 0.0.0.0:10809 \\",
            "      --tls-cert cert.pem --tls-key key.pem --tls-ca clients.pem",
            "  dmio serve --metrics 9464 disk.img             for Prometheus, and /health",
            "",
            "TERM and Ctrl-C let clients take their answers, flush, and end with 0."
        })
public final class ServeCommand implements Callable<Integer> {

    /** What the command is for, in a line of the help. */
    public static final String HEADER = "Serve files and disks to NBD clients, until stopped.";

    private final CommandContext context;

    @Parameters(arity = "0..*", paramLabel = "DEVICE", description = "Files, block devices, NBD exports.")
    private List<String> devices = List.of();

    @Option(names = "--export", paramLabel = "NAME=DEVICE", description = "A device under a name; again for more.")
    private List<String> exports = List.of();

    @Option(names = "--read-only", description = "Refuse every change.")
    private boolean readOnly;

    @Option(names = "--direct", description = "Past the page cache (O_DIRECT).")
    private boolean direct;

    @Option(names = "--force", description = "Serve for writing also what another program uses, or is mounted.")
    private boolean force;

    @Mixin
    private ServeOptions options = new ServeOptions();

    @Mixin
    private CommonOptions common = new CommonOptions();

    public ServeCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        try (Serving serving = new Serving(context, options, common.json())) {
            return serve(serving);
        }
    }

    private int serve(Serving serving) {
        Map<String, String> named = named();
        Engine engine = common.engine();
        OpenOptions how =
                (readOnly ? OpenOptions.readOnly().withTruncatedTail() : OpenOptions.readWrite()).withDirect(direct);
        List<BlockDevice> opened = new ArrayList<>();
        try {
            List<NbdExport> all = new ArrayList<>();
            named.forEach((name, given) -> {
                FileId id = FileId.of(given);
                requireServable(id);
                BlockDevice device = opened(id, engine, how);
                opened.add(device);
                all.add(export(name, id, device, serving.metrics()));
            });
            return serving.run(all, named.values(), engine);
        } finally {
            opened.forEach(device -> device.close().block());
        }
    }

    private BlockDevice opened(FileId id, Engine engine, OpenOptions how) {
        BlockDevice device = engine.open(id.given(), how);
        return id.kind() == FileId.Kind.FILE && !readOnly ? new WholeFile(id, device) : device;
    }

    private NbdExport export(String name, FileId id, BlockDevice device, Metrics metrics) {
        NbdExport export = NbdExport.of(name, metrics.metered(device));
        int odd = Tail.bytes(id, device);
        if (odd > 0 && !readOnly) {
            throw new IllegalArgumentException(id.given() + ": has " + Sizes.counted(odd, "byte")
                    + " after its last whole block: serve it with --read-only");
        }
        NbdExport served = odd > 0 ? export.withTail(Tail.read(id, device, odd)) : export;
        return readOnly ? served.asReadOnly() : served;
    }

    private Map<String, String> named() {
        Map<String, String> named = new LinkedHashMap<>();
        boolean single = devices.size() == 1 && exports.isEmpty();
        for (String device : devices) {
            String name = single ? NbdExport.DEFAULT_NAME : fileName(device);
            if (named.put(name, device) != null) {
                throw new IllegalArgumentException(
                        device + ": another device is named '" + name + "': give them names with --export NAME=DEVICE");
            }
        }
        for (String export : exports) {
            int equals = export.indexOf('=');
            if (equals < 0 || equals == export.length() - 1) {
                throw new IllegalArgumentException("--export " + export + ": has no device; write NAME=DEVICE");
            }
            String name = export.substring(0, equals);
            if (named.put(name, export.substring(equals + 1)) != null) {
                throw new IllegalArgumentException("--export " + export + ": another device is named '" + name + "'");
            }
        }
        if (named.isEmpty()) {
            throw new IllegalArgumentException("nothing to serve: name a device, or several with --export NAME=DEVICE");
        }
        return named;
    }

    private void requireServable(FileId id) {
        switch (id.kind()) {
            case EXPORT -> {}
            case FILE, BLOCK_DEVICE -> {
                if (!readOnly && !force) {
                    context.inUse().by(id).ifPresent(why -> {
                        throw new IllegalArgumentException(id.given() + ": clients would write to it, and " + why
                                + "; --force serves it all the same");
                    });
                }
            }
            case MISSING -> throw new IllegalArgumentException(id.given() + ": no such file");
            default ->
                throw new IllegalArgumentException(
                        id.given() + ": is " + id.kind().words() + "; files and block devices can be served");
        }
    }

    private static String fileName(String device) {
        return String.valueOf(Objects.requireNonNullElse(FilePath.of(device).getFileName(), device));
    }
}
