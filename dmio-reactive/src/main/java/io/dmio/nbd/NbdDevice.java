package io.dmio.nbd;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceGate;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.Handover;
import io.dmio.Sectors;
import io.dmio.nbd.client.ClientLink;
import io.dmio.nbd.client.ClientRequest;
import io.dmio.nbd.client.Connector;
import io.dmio.nbd.client.LinkOptions;
import io.dmio.nbd.wire.Transport;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * An export of an NBD server as a device: a leg on another machine, and, through qemu-nbd or nbdkit, on whatever those open.
 *
 * <p>Answers are distrusted: one that does not fit its question drops the connection, and a read is good only once every byte
 * has come. A lost connection is made anew, and what was in flight is asked again, until an operation has taken longer than
 * {@link NbdOptions#requestTimeout}; but nothing is sent while a lost connection may still do what it was asked ({@link AfterLoss}). A flush never claims what it cannot know: after a connection was lost, the next one, and
 * any asked for before it ended, fails with EIO if anything written was not flushed before, since the server may have forgotten it.
 *
 * <p>Signals come on the device's own event loop; do not block there. After the kernel's drivers/block/nbd.c.
 */
public final class NbdDevice implements BlockDevice {

    /** Of a request without data: 1 GiB, which any server's 32-bit lengths hold. */
    private static final long SECTORS_MAX = 1L << 21;

    private final NbdUri uri;
    private final DeviceInfo info;
    private final ClientLink link;
    private final DeviceGate gate;
    private volatile boolean used;

    private NbdDevice(NbdUri uri, ClientLink link) {
        this.uri = uri;
        this.info = link.agreement().info(uri.toString());
        this.link = link;
        this.gate = new DeviceGate(link::close);
    }

    /** Threads that all clients of this process share; they end with it. */
    private static final class Threads {
        static final EventLoopGroup SHARED = Transport.own("dmio-nbd-client").loops();
    }

    /**
     * Opens an export with the usual options.
     *
     * @param uri {@code nbd://host:port/export} and its relatives, see {@link NbdUri}
     * @return as {@link #open(NbdUri, NbdOptions)}
     * @throws IllegalArgumentException if the text is no such URI
     */
    public static Mono<NbdDevice> open(String uri) {
        return open(NbdUri.parse(uri), NbdOptions.DEFAULT);
    }

    /**
     * Opens an export.
     *
     * @param uri where it is
     * @param options how to treat the server
     * @return the device, connected, to be closed by the subscriber: {@code Mono.usingWhen} or a {@link io.dmio.DeviceScope} do
     *     so whatever meets what; else it is as safe as a {@link Handover}. Errors with a {@link DeviceException}: ENXIO if nobody is there, ENOENT for an export the
     *     server does not have, EACCES if it refuses, EIO if it makes no sense
     */
    public static Mono<NbdDevice> open(NbdUri uri, NbdOptions options) {
        Objects.requireNonNull(uri, "uri");
        Objects.requireNonNull(options, "options");
        LinkOptions treated = options.forLink();
        Mono<NbdDevice> opening = Mono.defer(() -> {
            Connector connector = new Connector(uri.remote(), treated);
            EventLoop loop = Threads.SHARED.next();
            return connector.connect(loop, 0).map(first -> {
                ClientLink link = new ClientLink(connector, treated, first.agreement(), loop);
                link.start(first);
                return new NbdDevice(uri, link);
            });
        });
        return Handover.of(opening, NbdDevice::closeUnlessUsed);
    }

    /**
     * Where it is.
     *
     * @return as it was opened
     */
    public NbdUri uri() {
        return uri;
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        Objects.requireNonNull(op, "op");
        if (op instanceof BlockOp.Discard && op.sectorCount() > SECTORS_MAX) {
            return inPieces(op, BlockOp.Discard::new);
        }
        if (op instanceof BlockOp.WriteZeroes && op.sectorCount() > SECTORS_MAX) {
            return inPieces(op, BlockOp.WriteZeroes::new);
        }
        return Mono.create(sink -> start(op, sink));
    }

    @Override
    public Mono<List<Extent>> extents(long sector, long sectorCount) {
        if (link.agreement().allocation() < 0) {
            return BlockDevice.super.extents(sector, sectorCount);
        }
        return Mono.create(sink -> {
            Optional<DeviceException> refused = info.extentsRefusal(sector, sectorCount);
            if (refused.isPresent()) {
                sink.error(refused.get());
                return;
            }
            used = true;
            if (!gate.enter()) {
                sink.error(DeviceException.of(Errno.ESHUTDOWN, info.name(), ""));
                return;
            }
            long count = Math.min(sectorCount, SECTORS_MAX);
            link.submit(ClientRequest.status(sector, count, System.nanoTime(), (request, problem) -> {
                gate.exit();
                if (problem == null) {
                    sink.success(request.extents());
                } else {
                    sink.error(problem);
                }
            }));
        });
    }

    /**
     * From now on another server behind the address is not taken for this one: once a connection was lost, and what answers is
     * not proven to be the same server since its start, everything fails with ESTALE. A {@link NbdServer} proves it, no other does.
     */
    @Override
    public void pin() {
        link.pin();
    }

    @Override
    public Mono<Void> close() {
        return gate.close();
    }

    @Override
    public String toString() {
        return "NbdDevice[" + uri + "]";
    }

    // One after the other: each may take a server as long as one request is waited for.
    private Mono<Void> inPieces(BlockOp all, BiFunction<Long, Long, BlockOp> piece) {
        return Mono.defer(() -> {
            Optional<DeviceException> refusal = info.refusal(all);
            return refusal.isPresent()
                    ? Mono.error(refusal.get())
                    : Sectors.steps(all.sectorCount(), SECTORS_MAX)
                            .concatMap(from -> submit(
                                    piece.apply(all.sector() + from, Math.min(SECTORS_MAX, all.sectorCount() - from))))
                            .then();
        });
    }

    private void closeUnlessUsed() {
        if (!used) {
            gate.shut();
        }
    }

    private void start(BlockOp op, MonoSink<Void> sink) {
        if (!used) {
            used = true;
        }
        if (!gate.enter()) {
            sink.error(DeviceException.of(Errno.ESHUTDOWN, info.name(), op, ""));
            return;
        }
        Optional<DeviceException> refusal = info.refusal(op);
        if (refusal.isPresent() || isNothing(op)) {
            gate.exit();
            end(sink, refusal.orElse(null));
            return;
        }
        ClientRequest request;
        try {
            request = ClientRequest.of(op, System.nanoTime(), (ended, problem) -> {
                gate.exit();
                end(sink, problem);
            });
        } catch (RuntimeException released) {
            gate.exit();
            throw released;
        }
        link.submit(request);
    }

    // The protocol leaves open what a length of 0 means.
    private static boolean isNothing(BlockOp op) {
        return op.kind() != BlockOp.Kind.FLUSH && op.sectorCount() == 0;
    }

    private static void end(MonoSink<Void> sink, @Nullable DeviceException problem) {
        if (problem == null) {
            sink.success();
        } else {
            sink.error(problem);
        }
    }
}
