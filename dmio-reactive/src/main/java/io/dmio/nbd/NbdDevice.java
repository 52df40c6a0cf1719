package io.dmio.nbd;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceGate;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.Feature;
import io.dmio.Handover;
import io.dmio.concurrent.Deferred;
import io.dmio.concurrent.Dropped;
import io.dmio.nbd.client.ClientLink;
import io.dmio.nbd.client.ClientLoops;
import io.dmio.nbd.client.ClientRequest;
import io.dmio.nbd.client.Connector;
import io.dmio.nbd.client.LinkCounts;
import io.dmio.nbd.client.LinkOptions;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * An export of an NBD server as a device: a leg on another machine, and, through qemu-nbd or nbdkit, on whatever those open. Signals come on
 * the device's own event loop; do not block there. After the kernel's drivers/block/nbd.c.
 *
 * <p>Answers are distrusted: one that does not fit its question drops the connection, and a read succeeds only once every byte has come. A lost
 * connection is made again, and what was in flight is asked again, until an operation takes longer than {@link NbdOptions#requestTimeout}; if
 * nothing was answered meanwhile, all others fail at once until the server answers again. Nothing is sent while a lost connection may still do
 * what it was asked ({@link AfterLoss}). A flush never claims what it cannot know: after a lost connection the next one, and any asked for
 * before it ended, fails with EIO if anything written was not flushed before, as the server may have forgotten it.
 */
public final class NbdDevice implements BlockDevice {

    /** Of a request without data: 1 GiB, which any server's 32-bit lengths hold. */
    private static final long SECTORS_MAX = 1L << 21;

    private static final Disposable NEVER = Disposables.never();

    private final NbdUri uri;
    private final DeviceInfo info;
    private final ClientLink link;
    private final LinkCounts counts;
    private final DeviceGate gate;
    private volatile boolean used;

    private NbdDevice(NbdUri uri, ClientLink link, LinkCounts counts) {
        this.uri = uri;
        this.counts = counts;
        this.info = link.agreement().info(uri.toString());
        this.link = link;
        this.gate = new DeviceGate(link::close);
    }

    /** Threads that all clients of this process share, while there is one. */
    private static final class Threads {
        static final ClientLoops SHARED = new ClientLoops("dmio-nbd-client");
    }

    /**
     * Opens an export with the default options.
     *
     * @param uri {@code nbd://host:port/export} and its relatives, see {@link NbdUri}
     * @return as {@link #open(NbdUri, NbdOptions)}
     * @throws IllegalArgumentException if the text is no such URI
     */
    public static Mono<NbdDevice> open(String uri) {
        return open(NbdUri.parse(Objects.requireNonNull(uri, "uri")), NbdOptions.DEFAULT);
    }

    /**
     * Opens an export.
     *
     * @param uri where the export is
     * @param options how to treat the server
     * @return a Mono of the connected device, to be closed by the subscriber: {@code Mono.usingWhen} or a {@link io.dmio.DeviceScope} do so
     *     whatever meets what; else it is as safe as a {@link Handover}. Errors with a {@link DeviceException}: ENXIO if no server is there,
     *     ETIMEDOUT if one is and does not agree in {@code connectTimeout}, ENOENT for an export it does not have, EACCES if it refuses,
     *     ESHUTDOWN if it shuts down, EIO if it makes no sense or closes, ENOPKG without {@link Feature#NBD}
     * @throws UnsupportedOperationException if {@link Feature#CORE} is missing, as where Reactor is too old; the message names the jar
     */
    public static Mono<NbdDevice> open(NbdUri uri, NbdOptions options) {
        Objects.requireNonNull(uri, "uri");
        Objects.requireNonNull(options, "options");
        Feature.CORE.require();
        Mono<NbdDevice> opening = Deferred.mono(() -> {
            Feature.NBD.require(uri.toString());
            return connected(uri, options);
        });
        return Handover.of(opening, NbdDevice::closeUnlessUsed);
    }

    private static Mono<NbdDevice> connected(NbdUri uri, NbdOptions options) {
        LinkOptions treated = trusting(uri, options).forLink();
        return Threads.SHARED.lend(loan -> {
            Connector connector = new Connector(uri.remote(), treated, loan.channels());
            return connector
                    .connect(loan.loop(), 0)
                    .flatMap(first -> Deferred.mono(() -> {
                        ClientLink link = new ClientLink(connector, first.agreement(), loan.loop(), loan::end);
                        NbdDevice device = new NbdDevice(uri, link, connector.counts());
                        loan.keep();
                        link.start(first);
                        return Mono.just(device);
                    }));
        });
    }

    // What the options say goes first. Read on the subscriber's thread: files must not be read on the event loop.
    private static NbdOptions trusting(NbdUri uri, NbdOptions options) {
        return options.tls().isPresent() || !uri.tls()
                ? options
                : options.withTls(uri.certificates().map(NbdTls::client).orElseGet(NbdTls::usual));
    }

    /** {@return the URI of the export, as it was opened} */
    public NbdUri uri() {
        return uri;
    }

    /** {@return the bytes of the export: all of the device, and less than a block after its end if they are not whole blocks} */
    public long bytes() {
        return link.agreement().bytes();
    }

    /** {@return the number of connections at this moment; fewer than asked for while some are lost} */
    public int connectionCount() {
        return counts.live();
    }

    /** {@return the number of connections lost so far} */
    public long lostConnectionCount() {
        return counts.lost();
    }

    /** {@return the same export with the bytes after its last whole block, too: a device on the same connections} */
    public NbdPaddedDevice padded() {
        return new NbdPaddedDevice(this);
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        Objects.requireNonNull(op, "op");
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
            if (!enters(sink)) {
                return;
            }
            long count = Math.min(sectorCount, SECTORS_MAX);
            link.submit(ClientRequest.status(sector, count, System.nanoTime(), (request, problem) -> {
                gate.exit();
                safely(sink, problem == null ? () -> sink.success(request.extents()) : () -> sink.error(problem));
            }));
        });
    }

    /**
     * Pins the server: another one behind the address is not taken for it from now on. Once a connection was lost, and what answers is not
     * proven to be the same server since its start, everything fails with ESTALE. A {@link NbdServer} proves it, no other does.
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

    /** Reads, writes or zeroes the bytes after the last whole block; the memory, of exactly so many, is borrowed. */
    Mono<Void> odd(BlockOp.Kind kind, @Nullable ByteBuf memory) {
        long[] range = {info.bytes(), bytes() - info.bytes()};
        return Mono.create(sink -> {
            if (!enters(sink)) {
                return;
            }
            link.submit(ClientRequest.ofBytes(kind, range, memory, (request, problem) -> {
                gate.exit();
                end(sink, problem);
            }));
        });
    }

    private boolean enters(MonoSink<?> sink) {
        used = true;
        boolean open = gate.enter();
        if (!open) {
            sink.error(DeviceException.of(Errno.ESHUTDOWN, info.name(), ""));
        }
        return open;
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
        Disposable left = NEVER;
        if (isWithoutData(op)) {
            left = Disposables.single();
            sink.onCancel(left);
        }
        try {
            ask(op, 0, left, problem -> {
                gate.exit();
                end(sink, problem);
            });
        } catch (RuntimeException released) {
            gate.exit();
            throw released;
        }
    }

    // In pieces, one after the other, as a server may take the whole time of a request for each; none after a cancel.
    private void ask(BlockOp op, long from, Disposable left, Consumer<@Nullable DeviceException> told) {
        long count = isWithoutData(op) ? Math.min(SECTORS_MAX, op.sectorCount() - from) : op.sectorCount();
        BlockOp piece = count == op.sectorCount() ? op : piece(op, op.sector() + from, count);
        link.submit(ClientRequest.of(piece, System.nanoTime(), (ended, problem) -> {
            if (problem != null || left.isDisposed() || from + count == op.sectorCount()) {
                told.accept(problem);
            } else {
                ask(op, from + count, left, told);
            }
        }));
    }

    private static boolean isWithoutData(BlockOp op) {
        return op.kind() == BlockOp.Kind.DISCARD || op.kind() == BlockOp.Kind.WRITE_ZEROES;
    }

    private static BlockOp piece(BlockOp op, long sector, long count) {
        return op.kind() == BlockOp.Kind.DISCARD
                ? new BlockOp.Discard(sector, count)
                : new BlockOp.WriteZeroes(sector, count);
    }

    // The protocol does not define what a length of 0 means.
    private static boolean isNothing(BlockOp op) {
        return op.kind() != BlockOp.Kind.FLUSH && op.sectorCount() == 0;
    }

    private static void end(MonoSink<Void> sink, @Nullable DeviceException problem) {
        safely(sink, problem == null ? sink::success : () -> sink.error(problem));
    }

    // An exception that a subscriber throws must not end the connection, which others use, too.
    private static void safely(MonoSink<?> sink, Runnable signal) {
        try {
            signal.run();
        } catch (Throwable thrown) {
            Dropped.error(thrown, sink.contextView());
        }
    }
}
