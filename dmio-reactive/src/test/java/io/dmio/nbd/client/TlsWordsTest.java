package io.dmio.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class TlsWordsTest {

    private static String of(Throwable cause) {
        SSLHandshakeException failure = new SSLHandshakeException("General");
        failure.initCause(cause);
        return TlsWords.of(failure);
    }

    @Test
    void eachReasonHasWordsOfItsOwn() {
        assertThat(of(new CertificateExpiredException("NotAfter: 2020"))).contains("has expired", "2020");
        assertThat(of(new CertificateNotYetValidException("NotBefore: 2090"))).contains("not valid yet");
        assertThat(of(new CertificateException("No subject alternative DNS name matching a found.")))
                .contains("another host's");
        assertThat(of(new CertificateException("unable to find valid certification path to requested target")))
                .contains("tls-certificates=");
        assertThat(of(new CertificateException("\u009b31m odd"))).isEqualTo("General");
    }
}
