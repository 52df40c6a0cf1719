package io.dmio.nbd;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/**
 * TLS contexts from PEM files with certificates and keys, for both ends. A file that cannot be used is refused with its name
 * and what would be right. Blocks.
 */
public final class NbdTls {

    private static final Pattern PKCS_8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]*)-----END PRIVATE KEY-----", Pattern.DOTALL);

    private NbdTls() {}

    /**
     * Returns the TLS context of a server.
     *
     * @param certificate the server's certificate, and those between it and its authority
     * @param key the certificate's key, PKCS 8 and not encrypted
     * @param authority whose certificates clients must show; empty if they need none
     * @return for {@link NbdServer.Builder#tls}
     * @throws IllegalArgumentException if a file is missing, is something else, or the key is another certificate's
     */
    public static SslContext server(Path certificate, Path key, Optional<Path> authority) {
        Objects.requireNonNull(authority, "authority");
        requirePair(Objects.requireNonNull(certificate, "certificate"), Objects.requireNonNull(key, "key"));
        SslContextBuilder builder = SslContextBuilder.forServer(certificate.toFile(), key.toFile());
        authority.ifPresent(
                path -> builder.trustManager(certificates(path).toFile()).clientAuth(ClientAuth.REQUIRE));
        return built(builder, certificate);
    }

    /**
     * Returns the TLS context of a client, from a directory as {@link NbdUri#certificates} describes it.
     *
     * @param directory the directory, with what there is
     * @return for {@link NbdOptions#withTls}
     * @throws IllegalArgumentException if nothing is there, or a file is something else, or the key is another certificate's
     */
    public static SslContext client(Path directory) {
        Path authority = directory.resolve("ca-cert.pem");
        Path certificate = directory.resolve("client-cert.pem");
        Path key = directory.resolve("client-key.pem");
        if (!Files.exists(authority) && !Files.exists(certificate)) {
            throw new IllegalArgumentException(directory + ": has neither ca-cert.pem nor client-cert.pem");
        }
        SslContextBuilder builder = SslContextBuilder.forClient();
        if (Files.exists(authority)) {
            builder.trustManager(certificates(authority).toFile());
        }
        if (Files.exists(certificate)) {
            requirePair(certificate, key);
            builder.keyManager(certificate.toFile(), key.toFile());
        }
        return built(builder, directory);
    }

    /** For a client that trusts whom the JDK trusts. */
    static SslContext usual() {
        return built(SslContextBuilder.forClient(), Path.of("the JDK's authorities"));
    }

    private static SslContext built(SslContextBuilder builder, Path what) {
        try {
            return builder.build();
        } catch (SSLException bad) {
            throw new IllegalArgumentException(what + ": cannot be used for TLS: " + bad.getMessage(), bad);
        }
    }

    private static Path certificates(Path file) {
        publicKey(file);
        return file;
    }

    private static void requirePair(Path certificate, Path key) {
        PublicKey shown = publicKey(certificate);
        byte[] pkcs8 = pkcs8(key);
        byte[] probe = {1, 2, 3};
        boolean fits;
        try {
            PrivateKey own =
                    KeyFactory.getInstance(shown.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            Signature signing = Signature.getInstance(signature(shown));
            signing.initSign(own);
            signing.update(probe);
            Signature verifying = Signature.getInstance(signature(shown));
            verifying.initVerify(shown);
            verifying.update(probe);
            fits = verifying.verify(signing.sign());
        } catch (GeneralSecurityException other) {
            fits = false; // of another kind
        }
        if (!fits) {
            throw new IllegalArgumentException(key + ": is not the key of the certificate " + certificate);
        }
    }

    private static String signature(PublicKey key) {
        return switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm(); // keys like Ed25519 are named like their signatures
        };
    }

    private static PublicKey publicKey(Path certificate) {
        try (InputStream in = Files.newInputStream(certificate)) {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificate(in)
                    .getPublicKey();
        } catch (IOException unreadable) {
            throw unreadable(certificate, unreadable);
        } catch (GeneralSecurityException none) {
            throw new IllegalArgumentException(certificate + ": is no certificate (PEM)", none);
        }
    }

    private static byte[] pkcs8(Path key) {
        String text;
        try {
            text = Files.readString(key);
        } catch (IOException unreadable) {
            throw unreadable(key, unreadable);
        }
        Matcher found = PKCS_8.matcher(text);
        if (found.find()) {
            return Base64.getMimeDecoder().decode(found.group(1));
        }
        String what = text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED")
                ? "is encrypted"
                : text.contains("BEGIN RSA PRIVATE KEY")
                        ? "is a key of PKCS 1"
                        : text.contains("BEGIN EC PRIVATE KEY") ? "is an EC key of SEC 1" : "has no private key (PEM)";
        throw new IllegalArgumentException(key + ": " + what + "; PKCS 8 without a password is needed, which"
                + " 'openssl pkcs8 -topk8 -nocrypt' makes of others");
    }

    private static IllegalArgumentException unreadable(Path file, IOException why) {
        return new IllegalArgumentException(
                file + (Files.exists(file) ? ": cannot be read: " + why.getMessage() : ": no such file"), why);
    }
}
