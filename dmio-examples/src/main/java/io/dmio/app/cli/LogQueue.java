package io.dmio.app.cli;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;

/**
 * A queue of log messages for a reader that may be slow, or stopped, as behind a pipe or a terminal. A thread that logs never waits for the
 * reader, as it may be the one on which all of a mirror's work is done. One thread writes; of messages that it does not come to, a number is
 * kept, and the rest is lost and counted.
 */
final class LogQueue extends AsyncAppender {

    static final int KEPT = 1_000;
    private static final int END_MILLIS_MAX = 1_000; // of writing what is left

    private final Logger logger;
    private long lost; // guarded by this

    private LogQueue(LoggerContext context) {
        this.logger = context.getLogger("io.dmio.app.log");
        setContext(context);
        setName("dmio-log");
        setQueueSize(KEPT);
        setDiscardingThreshold(0);
        setNeverBlock(true);
        setMaxFlushTime(END_MILLIS_MAX);
    }

    /** Starts the queue; when it ends, the appender that writes ends, too. */
    static LogQueue start(LoggerContext context, Appender<ILoggingEvent> writing) {
        LogQueue queue = new LogQueue(context);
        queue.addAppender(writing);
        queue.start();
        return queue;
    }

    @Override
    protected synchronized void append(ILoggingEvent event) {
        boolean isFull = getRemainingCapacity() <= (lost == 0 ? 0 : 1);
        if (isFull) {
            lost++;
            return;
        }
        if (lost > 0) {
            String line = "nobody took the log, and " + lost + " lines of it are lost";
            super.append(new LoggingEvent(LogQueue.class.getName(), logger, Level.WARN, line, null, null));
            lost = 0;
        }
        super.append(event);
    }
}
