package io.dmio.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class LogLimitTest {

    private final List<String> lines = new ArrayList<>();
    private final AtomicLong nanos = new AtomicLong();
    private final LogLimit limit = new LogLimit(logger(), nanos::get);

    private Logger logger() {
        return (Logger) Proxy.newProxyInstance(
                Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    lines.add(Arrays.deepToString(arguments));
                    return null;
                });
    }

    @Test
    void badClientsFillNoLogAndAreCounted() {
        for (int i = 0; i < 5000; i++) {
            limit.warn("{} is bad", i);
        }
        assertThat(lines).hasSize(LogLimit.LINES_MAX);
        nanos.addAndGet(LogLimit.TIME.toNanos());
        limit.warn("{} is bad", "another");
        assertThat(lines).hasSize(LogLimit.LINES_MAX + 2);
        assertThat(lines.get(LogLimit.LINES_MAX)).contains(String.valueOf(5000 - LogLimit.LINES_MAX));
        assertThat(lines.get(LogLimit.LINES_MAX + 1)).contains("another");
    }
}
