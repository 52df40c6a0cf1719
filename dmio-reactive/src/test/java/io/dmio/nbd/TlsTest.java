package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.device.MemoryDevice;
import io.dmio.nbd.wire.Wire;
import io.dmio.testkit.DeviceFixture;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates at both ends, made by openssl; skipped where that is not installed. */
class TlsTest extends DeviceFixture {

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit's
    private Path directory;

    private final MemoryDevice disk = MemoryDevice.of("disk", 4096);

    @BeforeEach
    void certificates() {
        Tool.assumeThere("openssl");
        Certificates.make(directory, "server", "localhost");
        Certificates.make(directory, "client", "somebody");
    }

    @AfterEach
    void closeDisk() {
        closeDevices();
        disk.close().block(PATIENCE);
    }

    @Test
    void whatIsWrittenIsEncryptedAndReadBack() throws Exception {
        try (NbdTestServer server = serve(true, false)) {
            NbdDevice device = open(uri(server, "localhost", true), trusting());
            write(device, 0, filled(100_352, 1));
            assertThat(all(read(device, 0, 100_352))).isEqualTo(all(filled(100_352, 1)));
            run(device, new BlockOp.Flush());
            assertThat(disk.snapshot(0, 196)).isEqualTo(all(filled(100_352, 1)));
        }
    }

    @Test
    void plainTextIsRefusedWhereTlsIsRequiredAndTakenWhereItIsOffered() throws Exception {
        try (NbdTestServer server = serve(true, false)) {
            DeviceException refused = refusal(uri(server, "localhost", false), NbdOptions.DEFAULT);
            assertThat(refused.errno()).isEqualTo(Errno.EACCES);
            assertThat(refused).hasMessageContaining("nbds://");
            try (RawClient client = RawClient.greeted(server.server())) {
                client.option(Wire.OPT_LIST);
                client.reply(Wire.OPT_LIST, Wire.REP_ERR_TLS_REQD);
                client.option(Wire.OPT_EXPORT_NAME, data -> data.writeBytes(new byte[] {'d', 'i', 's', 'k'}));
                assertThat(client.isClosed()).isTrue();
            }
        }
        try (NbdTestServer server = serve(false, false)) {
            write(open(uri(server, "localhost", false), NbdOptions.DEFAULT), 0, filled(512, 1));
            write(open(uri(server, "localhost", true), trusting()), 0, filled(512, 1));
            closeDevices();
        }
    }

    @Test
    void aStrangersCertificateAndOneOfAnotherNameAreNotTrusted() throws Exception {
        try (NbdTestServer server = serve(true, false)) {
            assertThat(refusal(uri(server, "localhost", true), NbdOptions.DEFAULT)
                            .errno())
                    .isEqualTo(Errno.EACCES);
            assertThat(refusal(uri(server, "127.0.0.1", true), trusting()).errno())
                    .isEqualTo(Errno.EACCES);
        }
    }

    @Test
    void clientsShowACertificateWhereOneIsAskedFor() throws Exception {
        try (NbdTestServer server = serve(true, true)) {
            assertThat(refusal(uri(server, "localhost", true), trusting())).isNotNull();
            SslContext known = SslContextBuilder.forClient()
                    .trustManager(file("server.pem"))
                    .keyManager(file("client.pem"), file("client.key"))
                    .build();
            write(open(uri(server, "localhost", true), NbdOptions.DEFAULT.withTls(known)), 0, filled(512, 1));
            closeDevices();
        }
    }

    @Test
    void wordsInPlainTextBehindTheWishForTlsAreNotBelieved() throws Exception {
        try (NbdTestServer server = serve(true, false);
                RawClient client = RawClient.greeted(server.server())) {
            client.send(bytes -> {
                bytes.writeLong(Wire.OPTION_MAGIC).writeInt(Wire.OPT_STARTTLS).writeInt(0);
                bytes.writeLong(Wire.OPTION_MAGIC).writeInt(Wire.OPT_LIST).writeInt(0);
            });
            client.reply(Wire.OPT_STARTTLS, Wire.REP_ACK);
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void aSecondHandshakeIsRefused() throws Exception {
        try (NbdTestServer server = serve(true, false);
                RawClient plain = RawClient.greeted(server.server())) {
            plain.option(Wire.OPT_STARTTLS);
            plain.reply(Wire.OPT_STARTTLS, Wire.REP_ACK);
            JdkSslContext trust = (JdkSslContext) SslContextBuilder.forClient()
                    .sslProvider(SslProvider.JDK)
                    .trustManager(file("server.pem"))
                    .build();
            Socket socket = plain.socket();
            try (SSLSocket tls = (SSLSocket)
                    trust.context().getSocketFactory().createSocket(socket, "localhost", socket.getPort(), true)) {
                tls.setEnabledProtocols(new String[] {"TLSv1.2"});
                tls.startHandshake();
                tls.startHandshake();
                assertThat(answers(tls)).isFalse();
            }
        }
    }

    private static boolean answers(SSLSocket client) {
        ByteBuf option = Unpooled.buffer();
        option.writeLong(Wire.OPTION_MAGIC).writeInt(Wire.OPT_LIST).writeInt(0);
        try {
            client.getOutputStream().write(option.array(), 0, option.readableBytes());
            return client.getInputStream().read() >= 0;
        } catch (IOException ended) {
            return false;
        }
    }

    private NbdTestServer serve(boolean required, boolean both) throws Exception {
        SslContextBuilder tls = SslContextBuilder.forServer(file("server.pem"), file("server.key"));
        if (both) {
            tls.trustManager(file("client.pem")).clientAuth(ClientAuth.REQUIRE);
        }
        return NbdTestServer.of(
                NbdServer.builder().export(NbdExport.of("disk", disk)).tls(tls.build(), required));
    }

    private NbdOptions trusting() throws Exception {
        return NbdOptions.DEFAULT.withTls(
                SslContextBuilder.forClient().trustManager(file("server.pem")).build());
    }

    private NbdDevice open(NbdUri uri, NbdOptions options) {
        NbdDevice device = Objects.requireNonNull(NbdDevice.open(uri, options).block(PATIENCE));
        tracked(device);
        return device;
    }

    private static DeviceException refusal(NbdUri uri, NbdOptions options) {
        return catchThrowableOfType(
                DeviceException.class, () -> NbdDevice.open(uri, options).block(PATIENCE));
    }

    private static NbdUri uri(NbdTestServer server, String host, boolean tls) {
        return new NbdUri(host, server.server().uri("disk").port(), Optional.empty(), "disk", tls);
    }

    private File file(String name) {
        return directory.resolve(name).toFile();
    }
}
