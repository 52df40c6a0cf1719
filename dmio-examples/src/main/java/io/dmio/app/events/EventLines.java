package io.dmio.app.events;

import io.dmio.app.cli.OneLine;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/** Writes a mirror's events to the log: one line each, with what to do about it. */
public final class EventLines {

    private static final Logger LOG = LoggerFactory.getLogger("io.dmio.app.mirror");

    private EventLines() {}

    /** Logs all events, from the mirror's start to its end. */
    public static void log(MirrorDevice mirror) {
        String name = mirror.info().name();
        mirror.events().subscribe(event -> log(name, event));
    }

    private static void log(String mirror, MirrorEvent event) {
        String remedy = Remedy.of(event.kind());
        LoggingEventBuilder line = LOG.atLevel(level(event.severity()))
                .addKeyValue("mirror", mirror)
                .addKeyValue("event", event.kind())
                .addKeyValue("number", event.number());
        if (event.leg() >= 0) {
            line = line.addKeyValue("leg", event.leg());
        }
        if (!remedy.isEmpty()) {
            line = line.addKeyValue("remedy", remedy);
        }
        String message = OneLine.of(event.message());
        line.log("{}", message);
    }

    private static Level level(MirrorEvent.Severity severity) {
        return switch (severity) {
            case INFO -> Level.INFO;
            case WARNING -> Level.WARN;
            case ERROR -> Level.ERROR;
        };
    }
}
