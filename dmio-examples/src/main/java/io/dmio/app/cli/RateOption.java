package io.dmio.app.cli;

import picocli.CommandLine.Option;

/** The option for how fast a mirror's legs are copied. */
public final class RateOption {

    @Option(
            names = "--rate",
            paramLabel = "SIZE",
            converter = CommonOptions.Bytes.class,
            description = "Copy at most so much per second: 50M. Default: no limit.")
    private long rate = Long.MAX_VALUE;

    public long bytesPerSecondMax() {
        return rate;
    }
}
