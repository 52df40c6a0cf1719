package io.dmio.fuzz;

import static io.dmio.fuzz.Taken.now;
import static io.dmio.fuzz.Taken.require;

import io.dmio.BlockOp;
import io.dmio.device.MemoryDevice;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.dmio.engine.UringOptions;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.OwnerOptions;
import io.dmio.nbd.AfterLoss;
import io.dmio.nbd.BlockStatus;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdOptions;
import io.dmio.nbd.NbdServer;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Numbers of what reaches files, other machines and mirrors. */
final class OutsideNumbers {

    private static final int LEGS = 2;
    private static final long LEG_SECTORS_MAX = 1L << 40;

    private OutsideNumbers() {}

    static void opening(Draw draw) {
        long bytes = draw.number();
        Taken.of(() -> OpenOptions.readWrite().withCreate(bytes), bytes)
                .ifPresent(options -> require(options.creates() && options.createBytes() == bytes, "a size"));
        Taken.of(() -> OpenOptions.readWrite().withPreallocated(bytes), bytes)
                .ifPresent(options -> require(options.creates() && options.preallocate(), "a size"));
    }

    static void rings(Draw draw) {
        int loops = draw.count();
        int inFlight = draw.count();
        Taken.of(() -> UringOptions.defaults().withLoops(loops), loops);
        Taken.of(() -> UringOptions.defaults().withInFlightMax(inFlight), inFlight);
        Taken.of(() -> IoEngines.posix(loops), loops)
                .ifPresent(engine -> engine.close().block());
    }

    static void nbdClient(Draw draw) {
        int connections = draw.count();
        Duration connect = draw.duration();
        Duration reply = draw.duration();
        Duration request = draw.duration();
        Taken.of(() -> NbdOptions.DEFAULT.withConnectionsMax(connections), connections);
        Taken.of(() -> NbdOptions.DEFAULT.withTimeouts(reply, request), reply, request)
                .ifPresent(options -> usable(options.replyTimeout(), options.requestTimeout()));
        Taken.of(
                        () -> new NbdOptions(1, connect, reply, request, AfterLoss.atOnce(), Optional.empty()),
                        connect,
                        reply,
                        request)
                .ifPresent(options -> usable(options.connectTimeout()));
    }

    /** What a timer can be set to. */
    private static void usable(Duration... times) {
        for (Duration time : times) {
            require(time.toNanos() >= 0 && time.toMillis() >= 0, "a time that no timer takes: " + time);
        }
    }

    static void nbdServer(Draw draw) {
        int count = draw.count();
        long bytes = draw.number();
        Duration time = draw.duration();
        NbdServer.Builder builder = NbdServer.builder().export(NbdExport.of("disk", ClientNumbers.DISK));
        Taken.of(() -> builder.bind("localhost", count), count);
        Taken.of(() -> builder.connectionsMax(count), count);
        Taken.of(() -> builder.requestsMax(count), count);
        Taken.of(() -> builder.bytesInFlightMax(bytes), bytes);
        Taken.of(() -> builder.pagesMax(count), count);
        Taken.of(() -> builder.stallTimeout(time), time).ifPresent(taken -> usable(time));
        Taken.of(() -> builder.handshakeTimeout(time), time).ifPresent(taken -> usable(time));
        Taken.of(() -> builder.shutdownTimeout(time), time).ifPresent(taken -> usable(time));
        builder.start(); // cold: nothing is bound
        Taken.of(() -> new BlockStatus.Run(bytes, count), bytes);
        String text = "x".repeat(draw.below(5000));
        Taken.of(() -> NbdExport.of(text, ClientNumbers.DISK), text, text.length());
        Taken.of(() -> NbdExport.of("disk", ClientNumbers.DISK).withDescription(text), text, text.length());
    }

    static void mirror(Draw draw) {
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        MirrorOptions.Builder builder =
                MirrorOptions.builder().owner(OwnerOptions.off()).clock(() -> clock);
        int count = draw.count();
        long number = draw.number();
        Duration time = draw.duration();
        Duration other = draw.duration();
        if (!Known.isForTimers(time) || !Known.isForTimers(other)) {
            return;
        }
        Optional<MirrorOptions.Builder> taken = switch (draw.below(9)) {
            case 0 -> Taken.of(() -> builder.chunkBytes(count), count);
            case 1 -> Taken.of(() -> builder.legsMin(count), count).filter(made -> count <= LEGS);
            case 2 -> Taken.of(() -> builder.legDeadline(time), time);
            case 3 -> Taken.of(() -> builder.cleanAfter(time), time);
            case 4 -> Taken.of(() -> builder.probeAfter(time, other), time, other);
            case 5 -> Taken.of(() -> builder.readErrorsMax(count), count);
            case 6 -> Taken.of(() -> builder.resyncBytesPerSecond(number, count), number, count);
            case 7 -> Taken.of(() -> builder.writeBehindSectors(number), number);
            default -> Taken.of(() -> builder.writeMostly(count), count);
        };
        taken.map(MirrorOptions.Builder::build).ifPresent(options -> {
            Taken.of(() -> options.legSectors(number), number)
                    .filter(sectors -> Known.isMirrored(number))
                    .ifPresent(sectors -> require(sectors > number, "room for more than the data"));
            mirrors(options);
        });
        clock.dispose();
    }

    private static void mirrors(MirrorOptions options) {
        long sectors = Math.min(options.legSectors(256), LEG_SECTORS_MAX);
        List<MemoryDevice> legs = List.of(MemoryDevice.of("a", sectors), MemoryDevice.of("b", sectors));
        MirrorDevice mirror = now(MirrorDevice.create(legs, options));
        BlockOp.Write write = new BlockOp.Write(8, Unpooled.wrappedBuffer(new byte[512]), false);
        mirror.submit(write).toFuture().join();
        mirror.close().block();
    }
}
