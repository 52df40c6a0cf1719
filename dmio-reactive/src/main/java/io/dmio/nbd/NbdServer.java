package io.dmio.nbd;

import io.dmio.DeviceException;
import io.dmio.Feature;
import io.dmio.Handover;
import io.dmio.concurrent.Completion;
import io.dmio.concurrent.Deferred;
import io.dmio.nbd.server.Acceptor;
import io.dmio.nbd.server.Export;
import io.dmio.nbd.server.ExportIo;
import io.dmio.nbd.server.Exports;
import io.dmio.nbd.server.Listener;
import io.dmio.nbd.server.PageUse;
import io.dmio.nbd.server.SessionLimits;
import io.dmio.nbd.server.TlsUse;
import io.dmio.nbd.wire.Transport;
import io.netty.channel.IoEventLoopGroup;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A server that serves devices to NBD clients: the kernel, QEMU, libnbd, nbdkit, fio, {@link NbdDevice}. Requests of a client run at the same
 * time and are answered as they end; a flush covers every connection. Devices are not handed over.
 *
 * <p><b>Plain NBD has no authentication and no encryption.</b> So a server listens on the loopback, or on a unix socket that only its owner
 * may use, unless told otherwise; for clients further away, use {@link Builder#tls TLS} with client certificates, or a private network.
 *
 * <p><b>Memory</b> is bounded: {@link Builder#pagesMax} for what all clients have in flight, and what a socket takes. A write that has come
 * only in part keeps nobody waiting, as long as each client has a page for itself: a write longer than 1 MiB is written piece by piece, and
 * any write is once memory is short. So a part may have been written if a client goes in the middle. Clients that take no answers keep others
 * waiting for a few times {@link Builder#stallTimeout}.
 */
public final class NbdServer {

    private final Listener listener;
    private final SocketAddress asked;
    private final boolean tls;
    private final Mono<Void> closing;
    private volatile boolean used; // by whoever asked for the server

    // The server stays as it was when it started, whatever the builder is used for afterwards.
    private NbdServer(Builder options, Listener listener, Exports served) {
        this.listener = listener;
        this.asked = options.address;
        this.tls = options.tls != null;
        Mono<Void> flushed = ExportIo.flushAll(served.all());
        this.closing = Completion.once(listener.close(options.shutdownTimeout).then(flushed));
    }

    /** {@return a builder of a server: by default no export, 127.0.0.1 and {@link NbdUri#PORT}, no TLS} */
    public static Builder builder() {
        return new Builder();
    }

    /** {@return the address on which the server listens, with the port that was found if 0 was asked for} */
    public SocketAddress address() {
        used = true;
        return asked instanceof UnixDomainSocketAddress ? asked : listener.address();
    }

    /**
     * Returns where clients find an export.
     *
     * @param export the name of the export
     * @return the URI, as seen from this machine
     */
    public NbdUri uri(String export) {
        return NbdUri.at(address(), export, tls);
    }

    /** {@return the number of clients that are connected at this moment, including those that are on their way in} */
    public int connectionCount() {
        used = true;
        return listener.connectionCount();
    }

    /** {@return the memory that the clients share, at this moment} */
    public NbdPages pages() {
        used = true;
        PageUse shared = listener.pages();
        return new NbdPages(shared.capacity(), shared.inUse(), shared.waiting());
    }

    /**
     * Closes the server: takes no more clients, answers what is in flight, refuses the rest with ESHUTDOWN, flushes every device, and closes
     * every connection. Connections that take longer than the {@linkplain Builder#shutdownTimeout time for that} are cut.
     *
     * @return a Mono that begins when it is subscribed the first time, and goes on if that is cancelled; all subscribers are told the same.
     *     Completes when nothing is left, no flush either; errors with a {@link DeviceException} if a device could not be flushed
     */
    public Mono<Void> close() {
        return closing;
    }

    private void closeUnlessUsed() {
        if (!used && listener.connectionCount() == 0) {
            closing.subscribe(closed -> {}, failure -> {});
        }
    }

    /** A builder of servers. A server listens on one address. */
    @SuppressWarnings("AddressSelection")
    public static final class Builder {
        private final List<NbdExport> exports = new ArrayList<>();
        private SocketAddress address = new InetSocketAddress("127.0.0.1", NbdUri.PORT);
        private @Nullable SslContext tls;
        private TlsUse tlsUse = TlsUse.NONE;
        private int connectionsMax = 64;
        private int requestsMax = 128;
        private long bytesInFlightMax = 16 << 20;
        private int pagesMax = 32_768;
        private Duration stallTimeout = Duration.ofSeconds(15);
        private @Nullable IoEventLoopGroup eventLoops;
        private Duration handshakeTimeout = Duration.ofSeconds(10);
        private Duration shutdownTimeout = Duration.ofSeconds(10);

        private Builder() {}

        /**
         * Sets the address to listen on; any but the loopback lets others in, unauthenticated.
         *
         * @param host a name or an address of this machine
         * @param port 0 for any that is free
         * @return this builder
         */
        public Builder bind(String host, int port) {
            address = new InetSocketAddress(Objects.requireNonNull(host, "host"), port);
            return this;
        }

        /**
         * Sets the unix socket to listen on, which only its owner may use (mode 0600).
         *
         * @param path the path of a socket that is created, and removed at the end; one that nobody listens on is replaced
         * @return this builder
         */
        public Builder bind(Path path) {
            address = UnixDomainSocketAddress.of(Objects.requireNonNull(path, "path"));
            return this;
        }

        /**
         * Adds a device to serve. Several must have different names. A single one also serves clients that name none; without a name, it
         * serves all.
         *
         * @param export the device and its name
         * @return this builder
         */
        public Builder export(NbdExport export) {
            exports.add(Objects.requireNonNull(export, "export"));
            return this;
        }

        /**
         * Encrypts for clients that ask for it, or refuses all others. Client certificates are asked for if the context asks for them.
         *
         * @param context with the server's certificate and key
         * @param required whether nothing is told in plain text
         * @return this builder
         */
        public Builder tls(SslContext context, boolean required) {
            tls = Objects.requireNonNull(context, "context");
            tlsUse = required ? TlsUse.REQUIRED : TlsUse.OFFERED;
            return this;
        }

        /**
         * Sets how many clients are served at a time; 64 by default. Others wait for the answer that lets them in: up to 128 may be on their
         * way in, and one that says nothing loses its turn once others wait for it.
         *
         * @param count at least 1
         * @return this builder
         */
        public Builder connectionsMax(int count) {
            connectionsMax = CountLimits.atLeastOne("connectionsMax", count);
            return this;
        }

        /**
         * Sets how many requests of one client are in flight; others wait in its socket. Defaults to 128.
         *
         * @param count at least 1
         * @return this builder
         */
        public Builder requestsMax(int count) {
            requestsMax = CountLimits.atLeastOne("requestsMax", count);
            return this;
        }

        /**
         * Sets how much memory the reads and writes of one client may take; a longer request goes alone. Defaults to 16 MiB.
         *
         * @param bytes at least 1
         * @return this builder
         */
        public Builder bytesInFlightMax(long bytes) {
            bytesInFlightMax = CountLimits.atLeastOne("bytesInFlightMax", bytes);
            return this;
        }

        /**
         * Sets how much memory the requests of all clients may take, until their answers have left; 32,768 pages, 128 MiB, by default. One
         * half is divided among {@link #connectionsMax} clients, so that none can keep it from the others. The other half goes to the clients
         * that need more, and a read longer than that waits until nobody has any of it. In addition, a client that takes no answers makes the
         * server hold 1,024 of them without data, of at most 256 bytes.
         *
         * @param pages of 4 KiB, at least 1
         * @return this builder
         */
        public Builder pagesMax(int pages) {
            pagesMax = CountLimits.atLeastOne("pagesMax", pages);
            return this;
        }

        /**
         * Sets how long a client that does not move may keep memory for which others wait. Then it is cut, and within as much time again.
         * Defaults to 15 s.
         *
         * @param time more than zero
         * @return this builder
         */
        public Builder stallTimeout(Duration time) {
            stallTimeout = TimeLimits.positive("stallTimeout", time);
            return this;
        }

        /**
         * Runs on event loops that exist already, rather than on threads of the server's own. On those of the engine that opened the files,
         * requests go from the socket to the disk and back on one thread and one ring, which is the fast way ({@code EventLoops.of(engine)}).
         *
         * @param loops of NIO or io_uring; they outlive the server, which does not end them
         * @return this builder
         */
        public Builder eventLoops(IoEventLoopGroup loops) {
            eventLoops = Objects.requireNonNull(loops, "loops");
            return this;
        }

        /**
         * Sets how long a client may take to say what it wants: this long, and a twentieth of it for each option. Defaults to 10 s.
         *
         * @param time more than zero
         * @return this builder
         */
        public Builder handshakeTimeout(Duration time) {
            handshakeTimeout = TimeLimits.positive("handshakeTimeout", time);
            return this;
        }

        /**
         * Sets how long {@link NbdServer#close} waits for clients to take their answers; 10 s by default.
         *
         * @param time may be zero
         * @return this builder
         */
        public Builder shutdownTimeout(Duration time) {
            shutdownTimeout = TimeLimits.notNegative("shutdownTimeout", time);
            return this;
        }

        /**
         * Starts to listen when subscribed; each subscription starts a server of its own.
         *
         * @return a Mono of the server, to be closed by the subscriber; if a cancel meets it on its way it is closed unless it is used.
         *     Errors with a {@link DeviceException} if it cannot listen there: EADDRNOTAVAIL for what is no address of this machine, EACCES
         *     where it may not, EBUSY where somebody else does, ENOPKG without {@link Feature#NBD}
         * @throws IllegalArgumentException if there is no export, or two of one name
         * @throws UnsupportedOperationException if {@link Feature#CORE} is missing, as where Reactor is too old; the message names the jar
         */
        public Mono<NbdServer> start() {
            Feature.CORE.require();
            List<Export> served = exports.stream().map(NbdExport::served).toList();
            Exports.require(served);
            SessionLimits limits =
                    new SessionLimits(connectionsMax, requestsMax, bytesInFlightMax, pagesMax, stallTimeout);
            Acceptor.Tls encryption = new Acceptor.Tls(tlsUse, tls);
            Mono<NbdServer> starting = Deferred.mono(() -> {
                Feature.NBD.require("an NBD server");
                Exports catalogue = new Exports(served); // clients tell servers apart by its instance
                Acceptor acceptor = new Acceptor(catalogue, limits, encryption, handshakeTimeout.toMillis());
                IoEventLoopGroup given = eventLoops;
                Transport transport = given == null ? Transport.serving("dmio-nbd") : Transport.on(given);
                Listener listener = new Listener(transport, acceptor);
                return listener.bind(address).thenReturn(new NbdServer(this, listener, catalogue));
            });
            return Handover.whole(starting, NbdServer::closeUnlessUsed);
        }
    }
}
