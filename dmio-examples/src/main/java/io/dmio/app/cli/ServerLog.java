package io.dmio.app.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.EncoderBase;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The log of a command that runs for long: what the command says about itself while it runs, one line with the time for each event, on
 * standard error. Replaces the usual log of the process until it is closed. Nothing waits for its reader.
 */
public final class ServerLog implements AutoCloseable {

    /** The logger whose messages are told: what operators must know, besides warnings of the library. */
    private static final String APP = "io.dmio.app";

    /** A logger of the library; the app says the same, and what to do about it. */
    private static final String EVENTS = "io.dmio.mirror.MirrorEvent";

    private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    private final Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final @Nullable Level ofEvents = context.getLogger(EVENTS).getLevel();
    private final List<Appender<ILoggingEvent>> before = new ArrayList<>();
    private final Form form = new Form();
    private final LogQueue lines;

    private ServerLog(boolean json, OutputStream to) {
        form.json = json;
        this.lines = LogQueue.start(context, written(to));
        root.iteratorForAppenders().forEachRemaining(before::add);
        before.forEach(root::detachAppender);
        root.addAppender(lines);
        context.getLogger(APP).setLevel(Level.INFO);
        context.getLogger(EVENTS).setLevel(Level.OFF);
    }

    /**
     * Starts the log.
     *
     * @param json whether each line is a JSON object
     * @param console the console, for its standard error
     */
    public static ServerLog start(boolean json, Console console) {
        return new ServerLog(json, console.err());
    }

    /** Sets whether each line is a JSON object from now on. */
    public void json(boolean yes) {
        form.json = yes;
    }

    private OutputStreamAppender<ILoggingEvent> written(OutputStream to) {
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(context);
        appender.setEncoder(form);
        appender.setOutputStream(new Kept(to));
        appender.start();
        return appender;
    }

    @Override
    public synchronized void close() {
        root.detachAppender(lines);
        lines.stop();
        context.getLogger(APP).setLevel(null);
        context.getLogger(EVENTS).setLevel(ofEvents);
        before.forEach(root::addAppender);
    }

    /** An encoder that uses one of two forms, as set at the time. */
    private static final class Form extends EncoderBase<ILoggingEvent> {
        private final TextLines text = new TextLines();
        private final JsonLines objects = new JsonLines();
        private volatile boolean json;

        @Override
        public byte[] headerBytes() {
            return new byte[0];
        }

        @Override
        public byte[] encode(ILoggingEvent event) {
            return json ? objects.encode(event) : text.encode(event);
        }

        @Override
        public byte[] footerBytes() {
            return new byte[0];
        }
    }

    /** Keeps open a stream of somebody else, which an appender would close. */
    private static final class Kept extends FilterOutputStream {
        Kept(OutputStream to) {
            super(to);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            out.write(bytes, from, count); // as a whole; the filter would write them one by one
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
