package io.dmio.app.bench;

import io.dmio.DeviceInfo;
import io.dmio.app.cli.Json;
import io.dmio.app.measure.Advice;
import io.dmio.app.measure.Machine;
import io.dmio.app.measure.Result;
import io.dmio.app.measure.Variant;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Writes the results of {@code dmio bench} as one object. Latencies are in microseconds, rates per second. */
final class BenchJson {

    private BenchJson() {}

    static String of(BenchSetup bench, List<Result> results, Optional<Comparison> against) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        json.put("machine", machine(bench));
        json.put("engines", bench.engines());
        json.put("direct", bench.legs().direct());
        json.put("bytesPerLeg", bench.legs().bytes());
        json.put("notes", bench.notes());
        json.put("timeMillis", bench.timing().time().toMillis());
        json.put("warmupMillis", bench.timing().warmup().toMillis());
        json.put("rounds", bench.timing().rounds());
        json.put("variants", results.stream().map(BenchJson::variant).toList());
        json.put("advice", Advice.of(results));
        against.ifPresent(comparison -> json.put("against", comparison.json()));
        return Json.of(json);
    }

    private static Map<String, Object> machine(BenchSetup bench) {
        Machine here = Machine.here();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("java", here.java());
        json.put("kernel", here.kernel());
        json.put("processors", here.processors());
        json.put("processor", here.processor());
        json.put("devices", bench.legs().infos().stream().map(BenchJson::device).toList());
        return json;
    }

    private static Map<String, Object> device(DeviceInfo info) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", info.name());
        json.put("bytes", info.bytes());
        json.put("logicalBlockBytes", info.logicalBlockBytes());
        json.put("physicalBlockBytes", info.physicalBlockBytes());
        json.put("transferBytesMax", info.transferBytesMax());
        json.put("memoryAlignmentBytes", info.memoryAlignmentBytes());
        return json;
    }

    private static Map<String, Object> variant(Result result) {
        Map<String, Object> json = names(result.variant());
        json.put("legOpsPerSecond", result.legOpsPerSecond());
        json.put("legOpsPerSecondByRound", result.legOpsPerSecondBySample());
        json.put("bytesPerSecond", result.bytesPerSecond());
        json.put("cpuMicrosPerLegOp", result.cpuMicrosPerLegOp());
        json.put("allocatedBytesPerRequest", result.allocatedBytesPerRequest());
        json.put("latencyMicros", latency(result));
        json.put("requests", result.requests());
        json.put("errors", result.errors());
        if (result.broken()) {
            json.put("cause", result.cause());
        }
        return json;
    }

    /** Returns what distinguishes a variant from others; the caller may add to it. */
    static Map<String, Object> names(Variant variant) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("engine", variant.engine());
        json.put("legs", variant.legs());
        json.put("readPercent", variant.work().readPercent());
        json.put("access", variant.access().name().toLowerCase(Locale.ROOT));
        json.put("blockBytes", variant.blockBytes());
        json.put("depth", variant.depth());
        return json;
    }

    private static Map<String, Object> latency(Result result) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("p50", result.latencyMicros(50));
        json.put("p99", result.latencyMicros(99));
        json.put("p99.9", result.latencyMicros(99.9));
        json.put("max", result.latencyMicrosMax());
        return json;
    }
}
