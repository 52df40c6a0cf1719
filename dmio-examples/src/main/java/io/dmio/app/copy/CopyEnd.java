package io.dmio.app.copy;

import io.dmio.app.cli.Console;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.Json;
import io.dmio.app.cli.Sizes;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The end of {@code dmio copy}: files get their lengths, failures are named, the exit code is found.
 *
 * @param console where to tell
 * @param engine what it ran on
 * @param targets what was written, closed here
 * @param sync whether lengths are made durable
 */
record CopyEnd(Console console, Engine engine, List<Target> targets, boolean sync) {

    int tell(CopyReport report, boolean json) {
        int notFinished = finish(report);
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>(report.toJson());
            all.put("engine", engine.name());
            all.put("engineReason", engine.reason());
            console.out().println(Json.of(all));
        }
        report.legs().stream().filter(leg -> !leg.good()).forEach(leg -> say(leg.failure()));
        report.sourceFailure()
                .ifPresent(why -> say("the source failed after " + Sizes.counted(report.bytes(), "byte")
                        + ", which the destinations have: " + why));
        if (!report.unread().isEmpty()) {
            say("of the source, " + FailedRanges.words(report.unread())
                    + " could not be read; the destinations have there what they had before");
        }
        if (report.stopped()) {
            say("stopped: " + Sizes.counted(report.bytes(), "byte") + " (" + Sizes.human(report.bytes())
                    + ") are on every good destination");
            return ExitCode.STOPPED;
        }
        if (console.errLook().terminal() && !json) {
            summary(report);
        }
        return report.good() && notFinished == 0 ? ExitCode.GOOD : ExitCode.SOME_FAILED;
    }

    private int finish(CopyReport report) {
        int failed = 0;
        for (Target target : targets) {
            try {
                target.finish(report.bytes(), sync);
            } catch (IOException failure) {
                failed++;
                say(target.device().info().name() + ": its length could not be set: " + FileId.reason(failure));
            }
        }
        return failed;
    }

    private void summary(CopyReport report) {
        long good = report.legs().stream().filter(LegReport::good).count();
        console.err()
                .println("  " + Sizes.human(report.bytes()) + " on " + good + " of "
                        + Sizes.counted(report.legs().size(), "destination") + ", "
                        + Sizes.human((long) report.bytesPerSecond())
                        + "/s, engine " + engine.name());
        for (Target target : targets) {
            long padded = target.paddedBytes(report.bytes());
            if (padded > 0) {
                console.err()
                        .println("  " + target.device().info().name() + ": " + Sizes.counted(padded, "byte")
                                + " after the end are zeroes now, to fill the last block");
            }
        }
    }

    private void say(String line) {
        console.err().println("dmio: " + line.replace('\n', ' '));
    }
}
