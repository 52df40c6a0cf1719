package io.dmio.app.cli;

import io.dmio.BlockDevice;
import io.dmio.engine.IoEngine;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.dmio.nbd.NbdDevice;
import io.dmio.nbd.NbdPaddedDevice;
import io.dmio.nbd.NbdUri;
import java.time.Duration;
import java.util.Objects;
import reactor.core.publisher.Mono;

/**
 * The engine that a command runs on.
 *
 * @param io the engine, shared in the process
 * @param reason why it was chosen, for people
 */
public record Engine(IoEngine io, String reason) {

    /** The word in place of an engine's name if only NBD exports are used. */
    public static final String NONE = "nbd";

    private static final String FORCED = "dmio.engine"; // the property that forces IoEngines.best()

    private static final Duration CLOSING_MAX = Duration.ofMillis(200);

    private static volatile boolean used;

    /** The engine that the user asks for. */
    public enum Wish {
        best,
        posix,
        uring,
        jdk
    }

    /**
     * Finds the engine.
     *
     * @param wish the user's
     * @throws IllegalArgumentException if it cannot be had here; the message says why
     */
    public static Engine of(Wish wish) {
        used = true;
        try {
            return switch (wish) {
                case best -> new Engine(IoEngines.best(), IoEngines.bestReason());
                case posix -> new Engine(IoEngines.posix(), "asked for by --engine posix");
                case uring -> new Engine(IoEngines.uring(), "asked for by --engine uring");
                case jdk -> new Engine(IoEngines.jdk(), "asked for by --engine jdk");
            };
        } catch (UnsupportedOperationException absent) {
            throw new IllegalArgumentException(
                    "no --engine " + wish + " here: " + absent.getMessage() + "; use --engine jdk", absent);
        }
    }

    /**
     * Finds the engine for a command that reads a few sectors and ends: the one that the user asks for, else one without a ring, as a ring
     * takes longer to start than it saves there.
     *
     * @param wish the user's
     * @throws IllegalArgumentException as {@link #of}
     */
    public static Engine toLook(Wish wish) {
        if (wish != Wish.best || !System.getProperty(FORCED, "").isEmpty()) {
            return of(wish);
        }
        try {
            return new Engine(IoEngines.posix(), "to look");
        } catch (UnsupportedOperationException absent) {
            return new Engine(IoEngines.jdk(), String.valueOf(absent.getMessage()));
        }
    }

    /**
     * Closes the engines, if a command has found one, so that the JVM need not wait for their threads; to be called at the end. Waits only a
     * little, as a device that hangs may never be closed.
     */
    public static void closeAll() {
        if (used) {
            try {
                IoEngines.closeShared().block(CLOSING_MAX);
            } catch (RuntimeException left) {
                // It ends with the process.
            }
        }
    }

    /** Opens what a path or an NBD URI names; blocks. */
    public BlockDevice open(String given, OpenOptions options) {
        return open(io, given, options);
    }

    /** As {@link #open(String, OpenOptions)}, on any engine; an export needs no engine, and gets no options. */
    public static BlockDevice open(IoEngine io, String given, OpenOptions options) {
        Mono<? extends BlockDevice> opening =
                NbdUri.isOne(given) ? NbdDevice.open(given) : io.open(FilePath.of(given), options);
        return Objects.requireNonNull(opening.block());
    }

    /** As {@link #open(IoEngine, String, OpenOptions)}, with the bytes after the last whole block of an export, and padding after these. */
    public static BlockDevice openAll(IoEngine io, String given, OpenOptions options) {
        BlockDevice device = open(io, given, options);
        return device instanceof NbdDevice export
                        && export.bytes() != export.info().bytes()
                ? export.padded()
                : device;
    }

    /** Returns the bytes of a device, without the padding of {@link #openAll}. */
    public static long bytes(BlockDevice device) {
        return device instanceof NbdPaddedDevice padded
                ? padded.bytes()
                : device.info().bytes();
    }

    /** Returns how many bytes a device opened by {@link #open} leaves out: those of an export after its last whole block. */
    public static long bytesLeftOut(BlockDevice device) {
        return device instanceof NbdDevice export
                ? export.bytes() - export.info().bytes()
                : 0;
    }

    public String name() {
        return io.name();
    }
}
