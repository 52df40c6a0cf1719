package io.dmio.app.page;

import io.dmio.nbd.NbdTls;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The encryption of a page.
 *
 * @param context the server's context
 * @param names the host names and addresses that its certificate is for
 */
public record PageTls(SslContext context, Set<String> names) {

    /** Copies the names. */
    public PageTls {
        names = Set.copyOf(names);
    }

    /**
     * Reads a certificate.
     *
     * @throws IllegalArgumentException if a file is missing or is something else, or the key belongs to another certificate
     */
    public static PageTls of(Path certificate, Path key) {
        SslContext context = NbdTls.server(certificate, key, Optional.empty());
        try (InputStream in = Files.newInputStream(certificate)) {
            X509Certificate first =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
            return new PageTls(context, names(first.getSubjectAlternativeNames()));
        } catch (IOException | CertificateException unreadable) {
            throw new IllegalArgumentException(certificate + ": " + unreadable.getMessage(), unreadable);
        }
    }

    // Each entry is a kind and a name (RFC 5280, 4.2.1.6). Only
    // host names (2) and addresses (7) are texts that count here.
    private static Set<String> names(@Nullable Collection<List<?>> all) {
        return all == null
                ? Set.of()
                : all.stream()
                        .filter(name -> Integer.valueOf(2).equals(name.get(0))
                                || Integer.valueOf(7).equals(name.get(0)))
                        .map(name -> String.valueOf(name.get(1)).toLowerCase(Locale.ROOT))
                        .collect(Collectors.toSet());
    }

    /** Returns whether the certificate is for this host; {@code *.} stands for one label. */
    boolean isFor(String host) {
        int dot = host.indexOf('.');
        return names.contains(host) || (dot > 0 && names.contains("*" + host.substring(dot)));
    }
}
