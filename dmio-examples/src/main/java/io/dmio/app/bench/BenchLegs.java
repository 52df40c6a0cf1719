package io.dmio.app.bench;

import io.dmio.BlockDevice;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.Sizes;
import io.dmio.app.measure.Legs;
import io.dmio.app.measure.Variant;
import io.dmio.engine.IoEngine;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.dmio.nbd.NbdUri;
import java.util.ArrayList;
import java.util.List;

/** Opens the files, disks or NBD exports of a bench, bypassing the page cache if that is possible and wanted. Blocks. */
final class BenchLegs implements Legs.Source {

    private final List<String> names;
    private final long bytes;
    private final boolean direct;
    private final List<DeviceInfo> infos;

    /** Whether to bypass the page cache or to use it. */
    enum Caching {
        DIRECT,
        BUFFERED,
        DIRECT_IF_POSSIBLE
    }

    /**
     * Decides how to open them.
     *
     * @param names paths that exist, and NBD URIs
     * @param bytes the bytes of each that are used
     * @param caching what the user wants
     * @throws DeviceException if one cannot be read, or not directly although that is wanted
     */
    BenchLegs(List<String> names, long bytes, Caching caching) {
        this.names = List.copyOf(names);
        this.bytes = bytes;
        this.direct = caching == Caching.DIRECT
                || (caching == Caching.DIRECT_IF_POSSIBLE && names.stream().allMatch(BenchLegs::opensDirectly));
        this.infos = names.stream().map(name -> info(name, direct)).toList();
    }

    private static boolean opensDirectly(String name) {
        try {
            info(name, true);
            return true;
        } catch (DeviceException refused) {
            if (refused.errno() == Errno.EINVAL) {
                return false; // its file system has no direct I/O
            }
            throw refused;
        }
    }

    @Override
    public Legs open(Variant variant) {
        IoEngine engine = variant.engine().equals(Engine.NONE)
                ? IoEngines.posix() // which exports do not use
                : Engine.of(Engine.Wish.valueOf(variant.engine())).io();
        OpenOptions options = variant.work().writes() ? OpenOptions.readWrite().withDirect(direct) : reading(direct);
        List<BlockDevice> open = new ArrayList<>();
        try {
            for (String name : names.subList(0, variant.legs())) {
                open.add(Engine.open(engine, name, options));
                if (variant.work().writes() && open.get(open.size() - 1).info().can(Capability.READ_ONLY)) {
                    throw new IllegalArgumentException(name + ": is read-only; measure --work read");
                }
            }
            return new Legs(open, bytes);
        } catch (RuntimeException failed) {
            new Legs(open, bytes).close();
            throw failed;
        }
    }

    /** Returns what each promised when it was first opened this way. */
    List<DeviceInfo> infos() {
        return infos;
    }

    /**
     * Refuses block sizes that a leg cannot do.
     *
     * @throws IllegalArgumentException naming the leg
     */
    void check(List<Variant> variants) {
        for (Variant variant : variants) {
            for (DeviceInfo info : infos.subList(0, variant.legs())) {
                check(variant, info);
            }
        }
    }

    private void check(Variant variant, DeviceInfo info) {
        int block = info.logicalBlockBytes();
        if (variant.blockBytes() % block != 0) {
            throw new IllegalArgumentException(
                    "--block " + variant.blockBytes() + ": " + info.name() + " has blocks of " + block + " bytes"
                            + (direct ? " for direct I/O; use a multiple of it, or --buffered" : ""));
        }
        if (variant.blockBytes() > bytes) {
            throw new IllegalArgumentException(
                    info.name() + ": " + Sizes.human(bytes) + " are too few for blocks of " + variant.block());
        }
    }

    /** Returns in a word whether the page cache is bypassed or used; nothing is known about the caches of NBD servers. */
    String how() {
        return names.stream().allMatch(NbdUri::isOne) ? "remote" : direct ? "direct" : "buffered";
    }

    boolean direct() {
        return direct;
    }

    long bytes() {
        return bytes;
    }

    private static OpenOptions reading(boolean direct) {
        return OpenOptions.readOnly().withDirect(direct).withTruncatedTail();
    }

    private static DeviceInfo info(String name, boolean direct) {
        BlockDevice device = Engine.open(IoEngines.posix(), name, reading(direct));
        device.close().block();
        return device.info();
    }
}
