package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.Sectors;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.Sizes;
import io.dmio.app.metrics.Metrics;
import io.dmio.engine.OpenOptions;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.MirrorStatus;
import java.util.List;

/** Opens new legs of a mirror; a missing one becomes a file. What they hold is not overwritten unasked. Blocks. */
final class NewLegs implements LocalSteering.Newcomers {

    private final CommandContext context;
    private final Engine engine;
    private final boolean direct;
    private final Metrics metrics;

    NewLegs(CommandContext context, Engine engine, boolean direct, Metrics metrics) {
        this.context = context;
        this.engine = engine;
        this.direct = direct;
        this.metrics = metrics;
    }

    @Override
    public LegOpening open(String leg, List<String> present, long bytes, boolean force) {
        MirrorLegs.checked(context, List.of(leg), force);
        for (String other : present) {
            if (Place.isSame(leg, other)) {
                throw new IllegalArgumentException(leg + ": is the same as " + other + ", which is a leg already");
            }
        }
        LegOpening opening = new LegOpening(metrics).creating(bytes);
        opening.open(engine, OpenOptions.readWrite().withDirect(direct), List.of(leg));
        return force ? opening : opening.requireRoom(0, MirrorOptions.defaults());
    }

    // Another connection to an export may be one too many while the leg that was there has its own.
    @Override
    public void look(String leg, MirrorStatus mirror, boolean force) {
        FileId id = MirrorLegs.checked(context, List.of(leg), force).get(0);
        if (id.kind() != FileId.Kind.FILE && id.kind() != FileId.Kind.BLOCK_DEVICE) {
            return;
        }
        BlockDevice device = engine.open(leg, OpenOptions.readOnly().withDirect(direct));
        try {
            requireRoom(device, leg, mirror);
            if (!force) {
                requireNothing(device, leg);
            }
        } finally {
            MirrorLegs.close(device);
        }
    }

    private static void requireRoom(BlockDevice device, String leg, MirrorStatus mirror) {
        long needed = MirrorOptions.builder()
                .chunkBytes((int) Sectors.toBytes(mirror.chunkSectors()))
                .build()
                .legSectors(mirror.sectorCount());
        if (device.info().sectorCount() < needed) {
            throw new IllegalArgumentException(leg + ": has "
                    + Sizes.human(device.info().bytes()) + ", and a leg of this mirror needs "
                    + Sizes.human(Sectors.toBytes(needed)) + ": take a larger one");
        }
    }

    private static void requireNothing(BlockDevice device, String leg) {
        LegContents.reading(client -> {
            LegContents contents = new LegContents(device, leg, client);
            if (contents.isALeg()) {
                throw new IllegalArgumentException(
                        leg + ": is a leg of a mirror, which would be overwritten; use --force to overwrite it");
            }
            contents.requireNothing();
        });
    }
}
