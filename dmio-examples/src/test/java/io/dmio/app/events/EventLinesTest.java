package io.dmio.app.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.ServerLog;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorEvent;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.OwnerOptions;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A line for each event that an operator must know, with the time, how bad it is, and what to do. */
class EventLinesTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d)";

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    /** What a mirror logs whose second leg fails, and then the last. */
    private List<String> lines(boolean json) {
        List<FaultyDevice> legs = List.of(leg("a.img"), leg("b.img"));
        MirrorDevice mirror = Objects.requireNonNull(MirrorDevice.create(
                        legs,
                        MirrorOptions.builder()
                                .name("m")
                                .equalAlready(true)
                                .owner(OwnerOptions.off())
                                .build())
                .block(PATIENCE));
        Console console = Console.plain(new ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream(), err);
        try (ServerLog log = ServerLog.start(json, console)) {
            assertThat(log).isNotNull();
            EventLines.log(mirror);
            legs.get(1).plan(Fault.errno(Errno.EIO));
            write(mirror);
            legs.get(0).plan(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(0, 8));
            write(mirror);
        }
        mirror.close().onErrorComplete().block(PATIENCE);
        LoggerFactory.getLogger("io.dmio.app.mirror").warn("after it, which goes elsewhere");
        return err.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static FaultyDevice leg(String name) {
        return FaultyDevice.of(MemoryDevice.of(name, 16_384));
    }

    private static void write(MirrorDevice mirror) {
        mirror.submit(new BlockOp.Write(0, Unpooled.buffer(512, 512), false))
                .onErrorComplete()
                .block(PATIENCE);
    }

    @Test
    void aLegsFailureIsAWarningAndTheLastOnesAnError() {
        List<String> lines = lines(false);
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).matches(TIME + " INFO  mirror: started with 2 legs");
        assertThat(lines.get(1))
                .matches(TIME + " WARN  mirror: leg 1 is out: EIO: b\\.img.*: clients go on without it, .*");
        assertThat(lines.get(2))
                .matches(TIME + " ERROR mirror: leg 0 failed, .*EIO.*a\\.img.*: clients got an error; .*");
    }

    @Test
    void asJsonEachLineIsAnObjectWithTheEventsParts() {
        List<String> lines = lines(true);
        assertThat(lines).hasSize(3);
        assertThat(lines.get(1))
                .matches(
                        "\\{\"time\":\"" + TIME.replace("\\d{3}", "\\d+")
                                + "\",\"level\":\"WARN\",\"logger\":\"io.dmio.app.mirror\",\"message\":\"leg 1 is out: .*\","
                                + "\"mirror\":\"m\",\"event\":\"LEG_FAILED\",\"number\":2,\"leg\":1,\"remedy\":\"clients go on .*\"}");
        assertThat(lines.get(2)).contains("\"level\":\"ERROR\"", "\"event\":\"LAST_LEG_FAILED\"");
    }

    @Test
    void whateverIsBadHasARemedyAndNothingElse() {
        for (MirrorEvent.Kind kind : MirrorEvent.Kind.values()) {
            assertThat(Remedy.of(kind).isEmpty())
                    .as(kind.name())
                    .isEqualTo(kind.severity() == MirrorEvent.Severity.INFO);
        }
    }
}
