package io.dmio.app.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import org.slf4j.event.KeyValuePair;

/** Log lines for people: time, level, logger, message, and what to do about it if that is told. */
final class TextLines extends EncoderBase<ILoggingEvent> {

    /** The part of a message that says what to do. */
    static final String REMEDY = "remedy";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX").withZone(ZoneId.systemDefault());

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        String logger = event.getLoggerName();
        StringBuilder line = new StringBuilder(TIME.format(event.getInstant()))
                .append(String.format(" %-5s ", event.getLevel()))
                .append(logger.substring(logger.lastIndexOf('.') + 1))
                .append(": ")
                .append(OneLine.of(event.getFormattedMessage()));
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair part : event.getKeyValuePairs()) {
                line.append(part.key.equals(REMEDY) ? ": " + OneLine.of(String.valueOf(part.value)) : "");
            }
        }
        line.append('\n');
        if (event.getThrowableProxy() != null) {
            line.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        return line.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }
}
