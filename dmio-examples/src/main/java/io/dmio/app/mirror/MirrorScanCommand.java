package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.Sectors;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.CommonOptions;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.Json;
import io.dmio.app.cli.OneLine;
import io.dmio.app.cli.Sizes;
import io.dmio.app.cli.Table;
import io.dmio.app.control.RunDirectoryOption;
import io.dmio.engine.OpenOptions;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorStatus;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dmio mirror scan}: shows which mirrors there are; writes nothing. */
@Command(
        name = "scan",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = MirrorScanCommand.HEADER,
        description = {
            "",
            "Looks at all block devices that can be read, or at what is named: files, block devices, NBD exports, and the files"
                    + " in a directory.",
            ""
        },
        footer = {"", "Examples:", "  dmio mirror scan", "  dmio mirror scan /srv/legs nbd://host2/disk"})
final class MirrorScanCommand implements Callable<Integer> {

    /** What it is for, in a line of the help. */
    static final String HEADER = "Find legs, and say which mirrors can be started. Writes nothing.";

    private final CommandContext context;

    @Parameters(arity = "0..*", paramLabel = "PATH", description = "Where to look. Default: all block devices.")
    private List<String> paths = List.of();

    @Option(names = "--direct", description = "Past the page cache (O_DIRECT).")
    private boolean direct;

    @Mixin
    private RunDirectoryOption directory = new RunDirectoryOption();

    @Mixin
    private CommonOptions common = new CommonOptions();

    MirrorScanCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        Engine engine = common.engineToLook();
        OpenOptions how = OpenOptions.readOnly().withTruncatedTail().withDirect(direct);
        Map<String, BlockDevice> devices = new LinkedHashMap<>();
        Map<String, String> unread = new LinkedHashMap<>();
        try {
            for (String path : paths.isEmpty() ? Candidates.disks() : Candidates.in(paths)) {
                String why = Place.whyAbsent(path, () -> devices.put(path, engine.open(path, how)));
                if (!why.isEmpty()) {
                    unread.put(path, why);
                }
            }
            return tell(Survey.of(devices), unread);
        } finally {
            devices.values().forEach(MirrorLegs::close);
        }
    }

    private int tell(Survey survey, Map<String, String> unread) {
        List<MirrorServer> servers = MirrorServer.all(directory.get());
        if (common.json()) {
            List<Map<String, Object>> mirrors = survey.mirrors().values().stream()
                    .map(mirror -> json(mirror, verdict(mirror, servers)))
                    .toList();
            context.console().out().println(Json.of(Map.of("mirrors", mirrors, "unread", unread)));
        } else {
            survey.mirrors().values().forEach(mirror -> print(mirror, verdict(mirror, servers)));
        }
        if (!paths.isEmpty()) { // many of a machine's disks are none of the user's business
            unread.forEach((path, why) -> context.console().err().println(OneLine.of("dmio: " + path + ": " + why)));
        }
        if (survey.mirrors().isEmpty()) {
            context.console().err().println("dmio: no leg is there");
            return ExitCode.SOME_FAILED;
        }
        return paths.isEmpty() || unread.isEmpty() ? ExitCode.GOOD : ExitCode.SOME_FAILED;
    }

    /**
     * What can be done with a mirror.
     *
     * @param startable whether the legs that were found start it
     * @param words for people
     */
    private record Verdict(boolean startable, String words) {}

    private static Verdict verdict(Survey.Group mirror, List<MirrorServer> servers) {
        List<String> names = List.copyOf(mirror.legs().keySet());
        Optional<MirrorServer> server = servers.stream()
                .filter(one -> one.isOf(mirror.status()) && one.has(names))
                .findFirst();
        if (server.isPresent()) {
            return new Verdict(
                    false, "is served by process " + server.get().about().get("process"));
        }
        if (MirrorFaults.isOpenHere(mirror.status())) {
            return new Verdict(false, "is open in another process");
        }
        if (!mirror.refusal().isEmpty()) {
            return new Verdict(false, "cannot be started: " + mirror.refusal());
        }
        try {
            MirrorStatus.requireStartable(List.copyOf(mirror.legs().values())).block();
            return new Verdict(true, "can be started: dmio mirror serve " + String.join(" ", names));
        } catch (DeviceException refused) {
            return new Verdict(false, "cannot be started: " + Advice.words(refused));
        }
    }

    private void print(Survey.Group mirror, Verdict verdict) {
        PrintStream out = context.console().out();
        MirrorStatus status = mirror.status();
        out.println(context.console().outLook().strong("mirror " + status.id()));
        out.println("  " + Sizes.human(Sectors.toBytes(status.sectorCount())) + ", "
                + Sizes.counted(status.legs().size(), "leg") + ", "
                + mirror.legs().size() + " found");
        Table table = new Table(List.of(
                Table.Column.ofNumbers("  leg"), Table.Column.ofWords("state"), Table.Column.ofWords("device")));
        for (LegStatus leg : status.legs()) {
            table.add(List.of(
                    String.valueOf(leg.index()),
                    MirrorText.word(leg.state()),
                    leg.state() == LegState.MISSING ? "(" + leg.name() + ")" : leg.name()));
        }
        table.lines(MirrorText.width(context.console().outLook())).forEach(out::println);
        out.println("  " + OneLine.of(verdict.words()));
    }

    private static Map<String, Object> json(Survey.Group mirror, Verdict verdict) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("found", List.copyOf(mirror.legs().keySet()));
        json.put("startable", verdict.startable());
        json.put("verdict", verdict.words());
        json.put("status", MirrorJson.of(mirror.status(), false));
        return json;
    }
}
