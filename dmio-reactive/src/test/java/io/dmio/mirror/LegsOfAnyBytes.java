package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Sectors;
import io.dmio.device.MemoryDevice;
import io.dmio.fuzz.Draw;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.LittleEndian;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * Up to three small legs of one mirror, with their metadata changed. They can be looked at and started, or are refused; a mirror
 * that started keeps within its legs' room, gives back what was written to it, and starts again.
 */
final class LegsOfAnyBytes {

    private static final int SECTORS = 512;
    private static final int CHUNK = MirrorOptions.CHUNK_BYTES_MIN / Sectors.BYTES;
    private static final LegLayout LAYOUT = new LegLayout(SECTORS, CHUNK);
    private static final int METADATA = (int) LAYOUT.bitmapSector();
    private static final List<byte[]> TEMPLATES = templates();

    private final Draw draw;
    private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    private final List<MemoryDevice> disks = new ArrayList<>();

    LegsOfAnyBytes(Draw draw) {
        this.draw = draw;
    }

    void run(String what) {
        try {
            fill();
            Optional<MirrorStatus> status = taken(MirrorStatus.inspect(kept()));
            status.ifPresent(MirrorStatus::line);
            Optional<MirrorDevice> opened = taken(open());
            if (opened.isPresent()) {
                require(status.isPresent(), "started, though it could not be looked at: " + what);
                used(opened.get(), what);
            }
        } finally {
            clock.dispose();
            disks.forEach(disk -> disk.close().block());
        }
    }

    private void used(MirrorDevice mirror, String what) {
        long sectors = mirror.info().sectorCount();
        require(sectors <= METADATA, "data runs into the metadata: " + what);
        now(mirror.status());
        byte[] written = new byte[Sectors.BYTES];
        Arrays.fill(written, (byte) (1 + draw.next() % 200));
        long sector = sectors - 1 - draw.below(8) % sectors;
        boolean acknowledged = taken(mirror.submit(new BlockOp.Write(sector, Unpooled.wrappedBuffer(written), false))
                        .thenReturn(true))
                .isPresent();
        now(mirror.close());
        MirrorDevice again = now(open());
        ByteBuf read = Unpooled.buffer(Sectors.BYTES);
        boolean answered = taken(again.submit(new BlockOp.Read(sector, read)).thenReturn(true))
                .isPresent();
        require(
                !acknowledged || (answered && Arrays.equals(read.array(), written)),
                "what was written is not there: " + what);
        now(again.close());
    }

    private Mono<MirrorDevice> open() {
        MirrorOptions options = MirrorOptions.builder()
                .clock(() -> clock)
                .degraded(true)
                .name("m")
                .build();
        return MirrorDevice.open(kept(), options);
    }

    private void fill() {
        int count = 1 + draw.below(TEMPLATES.size());
        for (int i = 0; i < count; i++) {
            byte[] metadata = TEMPLATES.get(i).clone();
            for (int changes = draw.below(3); changes > 0; changes--) {
                change(metadata);
            }
            MemoryDevice disk = MemoryDevice.of("leg-" + i, SECTORS);
            disk.load(METADATA, metadata);
            disks.add(disk);
        }
    }

    private void change(byte[] metadata) {
        if (draw.oneIn(2)) {
            int slot = metadata.length - (2 - draw.below(2)) * LegLayout.SLOT_BYTES;
            byte[] bytes = Arrays.copyOfRange(metadata, slot, slot + LegLayout.SLOT_BYTES);
            MetadataEdits.slot(bytes, draw);
            System.arraycopy(bytes, 0, metadata, slot, bytes.length);
        } else {
            int plane = draw.below(4);
            int at = (int) Sectors.toBytes(LAYOUT.unitSector(plane, 0) - METADATA);
            byte[] bytes = Arrays.copyOfRange(metadata, at, at + Sectors.BYTES);
            UUID mirror = new UUID(
                    LittleEndian.getLong(metadata, metadata.length - LegLayout.SLOT_BYTES + 16),
                    LittleEndian.getLong(metadata, metadata.length - LegLayout.SLOT_BYTES + 24));
            MetadataEdits.sector(bytes, mirror, plane, 0, draw);
            System.arraycopy(bytes, 0, metadata, at, bytes.length);
        }
    }

    /** What it comes to, or empty if a device refuses. */
    private <T> Optional<T> taken(Mono<T> mono) {
        try {
            return Optional.of(now(mono));
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof DeviceException) {
                return Optional.empty();
            }
            throw failed;
        }
    }

    private <T> T now(Mono<T> mono) {
        CompletableFuture<T> future = mono.toFuture();
        for (int i = 0; i < 50 && !future.isDone(); i++) {
            clock.advanceTimeBy(Duration.ofSeconds(10));
        }
        require(future.isDone(), "no end of " + mono);
        return future.join();
    }

    private List<BlockDevice> kept() {
        return disks.stream().<BlockDevice>map(Kept::new).toList();
    }

    /** The metadata of the three legs of a mirror that was closed in good order; always the same. */
    private static List<byte[]> templates() {
        AtomicLong ids = new AtomicLong();
        List<MemoryDevice> disks = List.of(
                MemoryDevice.of("leg-0", SECTORS),
                MemoryDevice.of("leg-1", SECTORS),
                MemoryDevice.of("leg-2", SECTORS));
        MirrorOptions options = MirrorOptions.builder()
                .chunkBytes(MirrorOptions.CHUNK_BYTES_MIN)
                .equalAlready(true)
                .settings(settings -> {
                    settings.ids = () -> new UUID(5, ids.incrementAndGet());
                    settings.host = new OwnerHost("host", 1, OwnerMark.BOOT_UNKNOWN, process -> true);
                })
                .build();
        MirrorDevice.create(disks.stream().map(Kept::new).toList(), options)
                .flatMap(MirrorDevice::close)
                .block();
        return disks.stream()
                .map(disk -> disk.snapshot(METADATA, SECTORS - METADATA))
                .toList();
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
