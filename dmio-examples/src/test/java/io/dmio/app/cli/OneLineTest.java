package io.dmio.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.dmio.app.CommandLineFixture;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/** Names and messages that somebody chose to look like something else. */
class OneLineTest extends CommandLineFixture {

    private static final String EVIL = "a\n2026-01-01T00:00:00.000Z ERROR mirror: all is lost\r\u001b[2Jb\u202e\u0085c";
    private static final String SHOWN = "a 2026-01-01T00:00:00.000Z ERROR mirror: all is lost \\u001b[2Jb\\u202e c";

    @Test
    void whatEndsALineOrMovesTheCursorIsShownAndNotDone() {
        assertThat(OneLine.of(EVIL)).isEqualTo(SHOWN);
        assertThat(OneLine.of("/srv/a b.img \u00e4\u4e2d")).isEqualTo("/srv/a b.img \u00e4\u4e2d");
    }

    @Test
    void aMessageIsOneLineOfTheLog() {
        LoggingEvent event = new LoggingEvent(
                "x",
                (Logger) LoggerFactory.getLogger("io.dmio.app.mirror"),
                Level.WARN,
                "asked for: " + EVIL,
                null,
                null);
        event.addKeyValuePair(new KeyValuePair(TextLines.REMEDY, EVIL));
        String line = new String(new TextLines().encode(event), StandardCharsets.UTF_8);
        assertThat(line)
                .endsWith("mirror: asked for: " + SHOWN + ": " + SHOWN + "\n")
                .hasLineCount(1);
    }

    @Test
    void aByteThatIsNoCharacterIsSeen() {
        assertThat(OneLine.of("caf\udce9 \ud83d\ude00")).isEqualTo("caf\\udce9 \ud83d\ude00");
    }

    @Test
    void aLegsNameIsOneLineOfACommand() {
        String leg = path("a\n  0  in sync\u001b[2J.img");
        assertThat(dmio("mirror", "create", "--size", "1M", leg, path("b")))
                .as(err())
                .isZero();
        assertThat(out()).contains("/a 0  in sync\\u001b[2J.img\n").doesNotContain("\u001b");
        assertThat(dmio("info", leg)).as(err()).isZero();
        assertThat(dmio("mirror", "status", leg)).isEqualTo(2);
        assertThat(dmio("mirror", "status", path("no\n\u001b[2Jleg"))).isEqualTo(1);
        assertThat(out() + err()).doesNotContain("\u001b");
    }
}
