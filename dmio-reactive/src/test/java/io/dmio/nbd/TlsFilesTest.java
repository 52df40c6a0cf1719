package io.dmio.nbd;

import static io.dmio.nbd.NbdTestServer.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.device.MemoryDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates and keys as files, of all the kinds that people have. */
class TlsFilesTest {

    private final MemoryDevice disk = MemoryDevice.of("disk", 64);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @BeforeEach
    void certificates() {
        Tool.assumeThere("openssl");
        Certificates.make(directory, "server", "localhost");
        Certificates.make(directory, "client", "somebody");
    }

    @AfterEach
    void close() {
        disk.close().block(PATIENCE);
    }

    @Test
    void aClientFindsWhomToTrustAndWhatToShowInADirectoryAsOtherClientsDo() throws IOException {
        try (NbdTestServer server = serve(Optional.of(file("client.pem")))) {
            Path pki = Files.createDirectory(file("pki"));
            String uri = server.server().uri("disk").toString().replace("127.0.0.1", "localhost");
            Files.copy(file("server.pem"), pki.resolve("ca-cert.pem"));
            assertThat(refusal(uri + "?tls-certificates=" + pki)).isNotNull(); // shows nothing
            Files.copy(file("client.pem"), pki.resolve("client-cert.pem"));
            Files.copy(file("client.key"), pki.resolve("client-key.pem"));
            NbdDevice device = Objects.requireNonNull(
                    NbdDevice.open(uri + "?tls-certificates=" + pki).block(PATIENCE));
            assertThat(NbdUri.parse(device.uri().toString())).isEqualTo(device.uri());
            device.close().block(PATIENCE);
        }
    }

    @Test
    void aServerThatIsNotTrustedIsToldWhy() throws IOException {
        try (NbdTestServer server = serve(Optional.empty())) {
            Path pki = Files.createDirectory(file("pki"));
            String uri = server.server().uri("disk").toString();
            DeviceException stranger = refusal(uri);
            assertThat(stranger.errno()).as("%s", stranger).isEqualTo(Errno.EACCES);
            assertThat(stranger).hasMessageContaining("tls-certificates=");
            Files.copy(file("server.pem"), pki.resolve("ca-cert.pem"));
            assertThat(refusal(uri + "?tls-certificates=" + pki)).hasMessageContaining("another host's");
        }
    }

    @Test
    void aServerWhoseCertificateHasExpiredIsToldSo() throws IOException {
        Certificates.make(directory, "ca", "authority");
        Tool.run(
                "openssl",
                "req",
                "-new",
                "-key",
                path("server.key"),
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost",
                "-out",
                path("server.csr"));
        Tool.run(
                "openssl",
                "x509",
                "-req",
                "-in",
                path("server.csr"),
                "-CA",
                path("ca.pem"),
                "-CAkey",
                path("ca.key"),
                "-CAcreateserial",
                "-copy_extensions",
                "copy",
                "-days",
                "-1",
                "-out",
                path("server.pem"));
        try (NbdTestServer server = serve(Optional.empty())) {
            Path pki = Files.createDirectory(file("pki"));
            Files.copy(file("ca.pem"), pki.resolve("ca-cert.pem"));
            String uri = server.server().uri("disk").toString().replace("127.0.0.1", "localhost");
            assertThat(refusal(uri + "?tls-certificates=" + pki)).hasMessageContaining("has expired");
        }
    }

    @Test
    void keysThatCannotBeUsedAreToldApart() throws IOException {
        Tool.run("openssl", "rsa", "-traditional", "-in", path("server.key"), "-out", path("pkcs1.key"));
        Tool.run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path("ec.key"));
        Tool.run(
                "openssl",
                "pkcs8",
                "-topk8",
                "-in",
                path("server.key"),
                "-out",
                path("secret.key"),
                "-passout",
                "pass:secret");
        Files.writeString(file("nothing.key"), "nothing");
        refuses("pkcs1.key", "PKCS 1");
        refuses("ec.key", "SEC 1");
        refuses("secret.key", "is encrypted");
        refuses("nothing.key", "no private key");
        refuses("missing.key", "no such file");
        refuses("client.key", "is not the key of the certificate");
    }

    private void refuses(String key, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NbdTls.server(file("server.pem"), file(key), Optional.empty()))
                .withMessageContaining(key)
                .withMessageContaining(why);
    }

    private NbdTestServer serve(Optional<Path> authority) {
        return NbdTestServer.of(NbdServer.builder()
                .export(NbdExport.of("disk", disk))
                .tls(NbdTls.server(file("server.pem"), file("server.key"), authority), true));
    }

    private static DeviceException refusal(String uri) {
        return catchThrowableOfType(
                DeviceException.class, () -> NbdDevice.open(uri).block(PATIENCE));
    }

    private String path(String name) {
        return file(name).toString();
    }

    private Path file(String name) {
        return directory.resolve(name);
    }
}
