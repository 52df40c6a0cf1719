package io.dmio.bench.peers;

import io.dmio.engine.IoEngines;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is compared: the table of them, which works each takes part in, and how it is opened. Those without are fio's. */
enum Variant {
    FIO_URING("fio io_uring", Kind.FIO, Part.ALL, null),
    FIO_PSYNC("fio psync", Kind.FIO, Part.ALL, null),
    DMIO_URING("dmio uring", Kind.DMIO, Part.ALL, s -> new DmioPeer(s, IoEngines.uring(), DmioPeer.Way.TOLD)),
    DMIO_POSIX("dmio posix", Kind.DMIO, Part.ALL, s -> new DmioPeer(s, IoEngines.posix(), DmioPeer.Way.TOLD)),
    DMIO_URING_AWAIT(
            "dmio uring, future",
            Kind.DMIO,
            Part.LATENCY,
            s -> new DmioPeer(s, IoEngines.uring(), DmioPeer.Way.AWAITED)),
    DMIO_POSIX_AWAIT(
            "dmio posix, future",
            Kind.DMIO,
            Part.LATENCY,
            s -> new DmioPeer(s, IoEngines.posix(), DmioPeer.Way.AWAITED)),
    DMIO_URING_SYNC(
            "dmio uring, writeSync",
            Kind.DMIO,
            Part.LATENCY,
            s -> new DmioPeer(s, IoEngines.uring(), DmioPeer.Way.SYNC)),
    DMIO_POSIX_SYNC(
            "dmio posix, writeSync",
            Kind.DMIO,
            Part.LATENCY,
            s -> new DmioPeer(s, IoEngines.posix(), DmioPeer.Way.SYNC)),
    ASYNCHRONOUS("AsynchronousFileChannel", Kind.DIRECT, Part.ALL, AsynchronousChannelPeer::withHandlers),
    ASYNCHRONOUS_GET("AsynchronousFileChannel, get", Kind.DIRECT, Part.LATENCY, AsynchronousChannelPeer::withFutures),
    ELASTIC("FileChannel on boundedElastic", Kind.DIRECT, Part.ALL, ChannelPeer::onBoundedElastic),
    CHANNEL("FileChannel, called", Kind.DIRECT, Part.LATENCY, ChannelPeer::called),
    SPRING("Spring DataBufferUtils", Kind.DIRECT, Part.WRITES, SpringPeer::new),
    SPRING_STREAM("Spring, one stream a leg", Kind.DIRECT, Part.SEQUENTIAL, SpringStreamPeer::new),
    VERTX("Vert.x AsyncFile", Kind.BUFFERED, Part.ALL, VertxPeer::new),
    JASYNCFIO("jasyncfio", Kind.DIRECT, Part.ALL, JasyncfioPeer::new);

    /** Whose, and whether it does the same work. */
    enum Kind {
        FIO,
        DMIO,
        /** A Java peer. */
        DIRECT,
        /** A Java peer that cannot do direct I/O: shown, not compared with. */
        BUFFERED
    }

    /** Which works. */
    enum Part {
        ALL,
        LATENCY,
        WRITES,
        SEQUENTIAL;

        boolean has(Workload work) {
            return switch (this) {
                case ALL -> true;
                case LATENCY -> work.latency();
                case WRITES -> !work.read();
                case SEQUENTIAL -> !work.random();
            };
        }
    }

    private final String label;
    private final Kind kind;
    private final Part part;

    @SuppressWarnings("ImmutableEnumChecker") // openers are lambdas without state
    private final Peer.@Nullable Opener opener;

    Variant(String label, Kind kind, Part part, Peer.@Nullable Opener opener) {
        this.label = label;
        this.kind = kind;
        this.part = part;
        this.opener = opener;
    }

    static List<Variant> of(Workload work) {
        return Arrays.stream(values()).filter(variant -> variant.part.has(work)).toList();
    }

    String label() {
        return label;
    }

    Kind kind() {
        return kind;
    }

    Peer.Opener opener() {
        if (opener == null) {
            throw new IllegalArgumentException(label + " is a program, not a peer");
        }
        return opener;
    }
}
