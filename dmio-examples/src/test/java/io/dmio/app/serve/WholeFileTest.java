package io.dmio.app.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.CommandLineFixture;
import io.dmio.app.Main;
import io.dmio.app.RunningServer;
import io.dmio.app.cli.ExitCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;

/** Files that are cut short while they are served. */
class WholeFileTest extends CommandLineFixture {

    private static final int BYTES = 4 << 20;

    @Test
    void aFileThatWasCutShortGetsItsLengthBackByNoClientSoThatNoZeroesAreRead() throws IOException {
        file("disk", BYTES);
        file("other", BYTES);
        try (RunningServer served =
                RunningServer.start("serve", "--metrics", "0", "--unix", path("socket"), path("disk"))) {
            try (FileChannel file = FileChannel.open(dir.resolve("disk"), StandardOpenOption.WRITE)) {
                file.truncate(1 << 20);
            }
            String uri = "nbd+unix:///?socket=" + path("socket");
            assertThat(copy(path("other"), uri)).as("its end is not written").isEqualTo(ExitCode.SOME_FAILED);
            assertThat(copy(uri, path("back"))).as("nor is anything read").isEqualTo(ExitCode.SOME_FAILED);
            assertThat(Files.size(dir.resolve("disk"))).isLessThan(BYTES);
            assertThat(served.err()).contains(path("disk") + ": the file was cut short, to ");
        }
    }

    private int copy(String from, String to) {
        return Main.run(new String[] {"copy", from, to}, new ByteArrayInputStream(in), out, err);
    }
}
