package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.FilePath;
import io.dmio.app.metrics.Metrics;
import io.dmio.engine.OpenOptions;
import io.dmio.mirror.MirrorOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Devices that were opened for a mirror that may still refuse them. */
final class LegOpening {
    private static final int OWNER_ONLY = 0600; // of a leg that is created, as of a disk

    private final List<BlockDevice> devices = new ArrayList<>();
    private final List<String> paths = new ArrayList<>(); // of each device
    private final List<String> created = new ArrayList<>();
    private final List<Long> bytesLeftOut = new ArrayList<>(); // of each device
    private final Metrics metrics;
    private long legBytes;

    LegOpening(Metrics metrics) {
        this.metrics = metrics;
    }

    /** Sets how large a new file is to be. */
    LegOpening creating(long bytes) {
        legBytes = bytes;
        return this;
    }

    /** Opens all of them, or none. */
    void open(Engine engine, OpenOptions options, List<String> legs) {
        try {
            for (String path : legs) {
                boolean missing = legBytes > 0 && FileId.of(path).kind() == FileId.Kind.MISSING;
                if (missing) {
                    OpenOptions how = options.withCreate(legBytes).withMode(OWNER_ONLY);
                    engine.open(path, how).close().block();
                    created.add(path);
                }
                BlockDevice device = PathDevice.of(path, () -> engine.open(path, options));
                devices.add(metrics.metered(device));
                bytesLeftOut.add(Engine.bytesLeftOut(device));
                paths.add(path);
            }
        } catch (RuntimeException failed) {
            undo();
            throw failed;
        }
    }

    List<BlockDevice> devices() {
        return List.copyOf(devices);
    }

    /** Returns whether all of them are new, and so hold nothing but zeroes. */
    boolean isNew() {
        return created.size() == devices.size();
    }

    /**
     * Refuses, and closes all of them, if something would be overwritten that somebody may want.
     *
     * @param keep how many, from the first on, keep what they hold, except for their end
     * @param options the options of the new mirror
     */
    LegOpening requireRoom(int keep, MirrorOptions options) {
        try {
            LegContents.reading(client -> requireRoom(keep, options, client));
            return this;
        } catch (RuntimeException refused) {
            undo();
            throw refused;
        }
    }

    private void requireRoom(int keep, MirrorOptions options, DmIo client) {
        for (int i = 0; i < devices.size(); i++) {
            if (created.contains(paths.get(i))) {
                continue;
            }
            LegContents leg = new LegContents(devices.get(i), paths.get(i), client);
            if (i < keep) {
                leg.requireRoomAtTheEnd(options, bytesLeftOut.get(i));
            } else {
                leg.requireNothing();
            }
        }
    }

    /** Closes them, and deletes the files that were created for this. */
    void undo() {
        devices.forEach(MirrorLegs::close);
        created.forEach(file -> delete(FilePath.of(file)));
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException kept) {
            // it holds nothing, and why it was made is told already
        }
    }
}
