package io.dmio.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The table in docs/metrics.md is the one that the code has. */
class MeterTableTest {

    private static final Path PAGE = Path.of("../docs/metrics.md");
    private static final String START = "<!-- meters -->\n";
    private static final String END = "<!-- end of meters -->";

    @Test
    void thePageHasTheTableOfTheCode() throws IOException {
        String page = Files.readString(PAGE);
        int start = page.indexOf(START) + START.length();
        int end = page.indexOf(END);
        if (System.getProperty("dmio.write") != null) {
            page = page.substring(0, start) + "\n" + MeterTable.markdown() + "\n" + page.substring(end);
            Files.writeString(PAGE, page);
            end = page.indexOf(END);
        }
        assertThat(page.substring(start, end).strip())
                .as("write it anew: mvn -pl dmio-reactive test -Dtest=MeterTableTest -Ddmio.write")
                .isEqualTo(MeterTable.markdown().strip());
    }
}
