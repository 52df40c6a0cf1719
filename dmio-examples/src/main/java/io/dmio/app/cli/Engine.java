package io.dmio.app.cli;

import io.dmio.BlockDevice;
import io.dmio.engine.IoEngine;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.dmio.nbd.NbdDevice;
import io.dmio.nbd.NbdPaddedDevice;
import io.dmio.nbd.NbdUri;
import java.util.Objects;
import reactor.core.publisher.Mono;

/**
 * The engine a command runs on.
 *
 * @param io the engine, shared in the process
 * @param reason why this one, for people
 */
public record Engine(IoEngine io, String reason) {

    /** In place of an engine's name, where only NBD exports are used. */
    public static final String NONE = "nbd";

    private static final String FORCED = "dmio.engine"; // what IoEngines.best() is, by a property

    /** Which engine the user asks for. */
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
     * Finds the engine for who reads a few sectors and ends: the one that the user asks for, else one without a ring, which takes longer to
     * start than it saves there.
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

    /** Opens what a path or an NBD URI names; blocks. */
    public BlockDevice open(String given, OpenOptions options) {
        return open(io, given, options);
    }

    /** As {@link #open(String, OpenOptions)}, on any engine; an export takes none, and is told no options. */
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

    /** How many bytes a device has: all but the padding of {@link #openAll}. */
    public static long bytes(BlockDevice device) {
        return device instanceof NbdPaddedDevice padded
                ? padded.bytes()
                : device.info().bytes();
    }

    /** How many bytes a device, opened by {@link #open}, leaves out: those of an export after its last whole block. */
    public static long bytesLeftOut(BlockDevice device) {
        return device instanceof NbdDevice export
                ? export.bytes() - export.info().bytes()
                : 0;
    }

    public String name() {
        return io.name();
    }
}
