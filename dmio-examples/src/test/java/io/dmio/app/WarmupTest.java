package io.dmio.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WarmupTest {

    /** One that the command line does not take loads nothing of what it is there for, and nobody hears of it. */
    @Test
    void everyCommandOfTheWarmUpWorks(@TempDir Path folder) throws IOException {
        assertThat(Warmup.run(folder)).isNotEmpty().containsOnly(ExitCode.GOOD);
    }
}
