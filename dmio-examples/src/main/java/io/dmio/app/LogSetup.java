package io.dmio.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.dmio.app.cli.ShortLines;
import org.slf4j.Logger;

/**
 * Sets up logging: warnings go to standard error. Found and called by Logback. Done in code rather than in an XML file with patterns, whose
 * parsers would take a tenth of the time of a short command.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class LogSetup extends ContextAwareBase implements Configurator {

    /** The system property with the level of the library's own messages; Main raises it when asked to be verbose. */
    static final String LEVEL = "dmio.log";

    /** Creates the configurator, for Logback. */
    public LogSetup() {}

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setTarget("System.err");
        console.setEncoder(new ShortLines());
        console.start();
        context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(console);
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
        // Without a network, as in the unit of a scrub, it logs at length what it does without.
        context.getLogger("io.netty.util.internal.MacAddressUtil").setLevel(Level.ERROR);
        context.getLogger("io.netty.util.NetUtilInitializations").setLevel(Level.ERROR);
        Level library = Level.toLevel(System.getProperty(LEVEL), Level.WARN);
        context.getLogger("io.dmio").setLevel(library);
        if (!library.equals(Level.INFO)) {
            // How HTTP connections end, and what came by them: whoever can connect could have that logged at will.
            context.getLogger("reactor.netty").setLevel(Level.OFF);
            // Commands themselves tell in the end how a mirror is.
            context.getLogger("io.dmio.mirror.MirrorEvent").setLevel(Level.OFF);
        }
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
