package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.dmio.fuzz.Draw;
import io.dmio.fuzz.FuzzCorpus;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any text for a URI: it names a place or is refused, and what is written is read back. {@code docs/testing.md} tells how to look
 * for more.
 */
class NbdUriFuzzTest {

    private static final String[] PARTS = {
        "nbd",
        "nbds",
        "nbd+unix",
        "nbds+unix",
        "://",
        ":",
        "/",
        "?",
        "socket=",
        "&",
        "%",
        "%2F",
        "%00",
        "#",
        "[",
        "]",
        "::1",
        "@",
        "+",
        " ",
        "\\",
        "host",
        "10809",
        "65536",
        "ä",
        "\u0000",
        "=",
        "..",
        "export",
        ";",
        "%zz",
        "\uD800"
    };

    static Stream<byte[]> uris() {
        return FuzzCorpus.seeds(NbdUriFuzzTest.class, "uris");
    }

    @Test
    void everyInputThatWasKeptIsTaken() {
        FuzzCorpus.of(NbdUriFuzzTest.class, "uris").forEach(this::aUriIsReadBackAsItWasWritten);
    }

    @MethodSource("uris")
    @FuzzTest(maxDuration = "")
    void aUriIsReadBackAsItWasWritten(byte[] input) {
        Draw draw = new Draw(input);
        switch (draw.below(4)) {
            case 0 -> parsed(draw.rest()).ifPresent(NbdUriFuzzTest::isReadBack);
            case 1 -> parsed("nbd://" + text(draw)).ifPresent(NbdUriFuzzTest::isReadBack);
            case 2 -> parsed(text(draw)).ifPresent(NbdUriFuzzTest::isReadBack);
            default -> made(draw).ifPresent(NbdUriFuzzTest::isReadBack);
        }
    }

    private static Optional<NbdUri> parsed(String text) {
        try {
            return Optional.of(NbdUri.parse(text));
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
            return Optional.empty();
        }
    }

    private static Optional<NbdUri> made(Draw draw) {
        boolean unix = draw.oneIn(2);
        String place = text(draw);
        String export = text(draw);
        try {
            return Optional.of(
                    unix ? NbdUri.unix(Path.of("/" + place), export) : NbdUri.tcp(place, draw.count(), export));
        } catch (InvalidPathException elsewhere) {
            return Optional.empty(); // a path that this machine's encoding has no bytes for is none of ours
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).containsAnyOf(place, export);
            return Optional.empty();
        }
    }

    private static void isReadBack(NbdUri uri) {
        String written = uri.toString();
        assertThat(NbdUri.parse(written)).as(written).isEqualTo(uri);
        assertThat(NbdUri.isOne(written)).isTrue();
    }

    private static String text(Draw draw) {
        StringBuilder text = new StringBuilder();
        for (int parts = draw.below(10); parts > 0; parts--) {
            text.append(draw.oneIn(3) ? String.valueOf((char) draw.next()) : PARTS[draw.below(PARTS.length)]);
        }
        return text.toString();
    }
}
