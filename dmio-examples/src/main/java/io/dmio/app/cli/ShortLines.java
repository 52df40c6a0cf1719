package io.dmio.app.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.Charset;

/** Log lines among the errors of a command that ends soon: the level, the logger and the message. */
public final class ShortLines extends EncoderBase<ILoggingEvent> {

    /** Creates the encoder, for the log of the process. */
    public ShortLines() {}

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        String logger = event.getLoggerName();
        String trace = event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy());
        return "dmio: %-5s %s: %s%n%s"
                .formatted(
                        event.getLevel(),
                        logger.substring(logger.lastIndexOf('.') + 1),
                        event.getFormattedMessage(),
                        trace)
                .getBytes(Charset.defaultCharset());
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }
}
