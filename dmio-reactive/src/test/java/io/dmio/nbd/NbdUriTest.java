package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.dmio.testkit.Seed;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever host, path and name a place has, its URI says it; and what a URI says is known, or refused with a reason. */
@ExtendWith(Seed.class)
class NbdUriTest {

    private static final String DECOMPOSED = "a\u0308"; // two characters, which look like one of another name

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nbd://host",
                "nbd://my_host",
                "nbds://host:10810/a",
                "nbd://[::1]",
                "nbd://[fe80::1%25eth0]:1/x/y",
                "nbd://127.0.0.1:65535//x",
                "nbd+unix:///?socket=/run/a.sock",
                "nbds+unix:///a?socket=b",
                "nbd+unix:///a%3Fb%23?socket=/a%26b%3Dc%23%25%20%2B",
                "nbd://host/a+b&c=d",
                "nbds://host/?tls-certificates=/etc/pki%26%3D",
                "nbds://host:1/a?tls-certificates=/etc/pki",
                "nbds+unix:///a?socket=/b&tls-certificates=/etc/pki",
                "nbd://h%C3%A4/a%CC%88"
            })
    void aUriIsPrintedAsItWasWritten(String text) {
        assertThat(NbdUri.parse(text)).hasToString(text);
    }

    @Test
    void aNameIsNotComposedAndALetterMayStandForItself() {
        assertThat(NbdUri.parse("nbd://host/" + DECOMPOSED).export()).isEqualTo(DECOMPOSED);
        assertThat(NbdUri.parse(NbdUri.unix(Path.of("/" + DECOMPOSED), "").toString())
                        .socket())
                .contains(Path.of("/" + DECOMPOSED));
    }

    @Test
    void theSchemeMayBeInCapitalsAndAPortMayBeLeftOut() {
        assertThat(NbdUri.isOne("NBD+Unix:///?socket=/a")).isTrue();
        assertThat(NbdUri.parse("NBDS://Host:/x"))
                .isEqualTo(new NbdUri("Host", NbdUri.PORT, Optional.empty(), "x", true));
        assertThat(NbdUri.isOne("nbdx://host")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nbd:host:10809 | starts with nbd://",
                "nbd:// | names no host",
                "nbd://:10809/x | names no host",
                "nbd://host:99999 | port '99999' is not 1 to 65535",
                "nbd://host:0 | port '0'",
                "nbd://host:x/ | port 'x'",
                "nbd://::1/ | brackets",
                "nbd://me@host/ | names a user",
                "nbd://host/x#y | %23",
                "nbd://host/x?tls-hostname=y | tls-hostname=y",
                "nbd://host/x?tls-certificates=/y | tls-certificates=/y",
                "nbd://host/x?socket=/y | socket=/y",
                "nbd+unix:///x | ?socket=/path",
                "nbd+unix:///x?socket= | ?socket=/path",
                "nbd+unix:///x?socket=/a&socket=/b | one ?socket=/path",
                "nbd+unix:///x?socket=/a&tls-verify-peer=0 | tls-verify-peer=0",
                "nbd+unix://host/x?socket=/a | no host and no port",
                "nbd+unix://:10809/x?socket=/a | no host and no port",
                "nbd+unix:///x?socket=/a%00 | Nul character",
                "nbd://host/%f | %25",
                "nbd://host/%+1 | %25",
                "nbd://host/%ff | no UTF-8"
            })
    void whatIsNotKnownIsRefusedWithTheReason(String text, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NbdUri.parse(text))
                .withMessageStartingWith("'" + text + "' is no NBD URI")
                .withMessageContaining(why);
    }

    @Test
    void whatIsPrintedIsReadBackWhateverItIs() {
        SplittableRandom random = Seed.random("uris");
        for (int i = 0; i < 20_000; i++) {
            String export = text(random, 0);
            NbdUri uri = random.nextBoolean()
                    ? NbdUri.tcp(text(random, 1), random.nextInt(1, 65536), export)
                    : NbdUri.unix(Path.of(text(random, 1).replace('\u0000', '0')), export);
            assertThat(NbdUri.parse(uri.toString())).as(uri.toString()).isEqualTo(uri);
            assertThat(uri.toString()).matches("\\p{ASCII}*");
        }
    }

    private static String text(SplittableRandom random, int least) {
        StringBuilder text = new StringBuilder();
        for (int left = random.nextInt(least, 8); left > 0; left--) {
            int letter = random.nextBoolean() ? random.nextInt(128) : random.nextInt(0x10000);
            text.appendCodePoint(Character.isSurrogate((char) letter) ? 0x1F600 : letter);
        }
        return text.toString();
    }
}
