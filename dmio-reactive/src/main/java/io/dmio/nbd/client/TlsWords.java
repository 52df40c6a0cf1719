package io.dmio.nbd.client;

import io.dmio.nbd.wire.Wire;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import org.jspecify.annotations.Nullable;

/** Says why a server is not trusted, in different words for each reason; the JDK has types for only two of the reasons. */
final class TlsWords {

    private TlsWords() {}

    static String of(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String said = Wire.printable("" + cause.getMessage());
            if (cause instanceof CertificateExpiredException) {
                return "the server's certificate has expired: " + said;
            }
            if (cause instanceof CertificateNotYetValidException) {
                return "the server's certificate is not valid yet: " + said;
            }
            if (said.startsWith("No subject alternative") || said.startsWith("No name matching")) {
                return "the server's certificate is another host's: " + said;
            }
            if (said.contains("unable to find valid certification path")) {
                return "nobody who is trusted here knows the server's certificate: name its authority by tls-certificates=";
            }
        }
        return Wire.printable("" + failure.getMessage());
    }
}
