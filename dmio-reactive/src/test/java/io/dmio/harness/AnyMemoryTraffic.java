package io.dmio.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.Sectors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import reactor.core.publisher.Flux;

/**
 * Many requests at a time with every kind of buffer that users hand over, whose memory lies side by side in common buffers: what a
 * device's threads copy or receive for one must not meet what they do for another.
 */
public final class AnyMemoryTraffic {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int REQUESTS = 12;
    private static final int REQUEST_SECTORS = 160;

    /** The sectors a device needs. */
    public static final long SECTORS = (long) REQUESTS * REQUEST_SECTORS;

    /** A device, and a way to see what it holds. */
    public interface Seen {
        /** The device, of {@link #SECTORS} or more. */
        BlockDevice device();

        /** All it holds. */
        byte[] stored();
    }

    private final Seen device;
    private final SplittableRandom random;

    /** Traffic that is drawn by a source of chance. */
    public AnyMemoryTraffic(Seen device, SplittableRandom random) {
        this.device = device;
        this.random = random;
    }

    /** Writes, looks, reads, and looks, some rounds. */
    public void run(int rounds) {
        for (int round = 0; round < rounds; round++) {
            DmIo io = DmIo.builder()
                    .transferBytesMax(4096 * (1 + random.nextInt(20)))
                    .build()
                    .get(8 + random.nextInt(500));
            try (AnyMemory any = new AnyMemory(random)) {
                List<IoRegion> regions = regions();
                writeAll(io, any, regions);
                readAll(io, any, regions);
            }
        }
    }

    private List<IoRegion> regions() {
        int unit = Math.max(1, device.device().info().logicalBlockBytes() / Sectors.BYTES);
        List<IoRegion> regions = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            int units = REQUEST_SECTORS / unit;
            int skip = random.nextInt(units);
            int count = 1 + random.nextInt(units - skip);
            regions.add(new IoRegion(
                    device.device(), (long) i * REQUEST_SECTORS + (long) skip * unit, (long) count * unit));
        }
        return regions;
    }

    private void writeAll(DmIo io, AnyMemory any, List<IoRegion> regions) {
        List<DrawnMemory> memories = drawn(any, regions, true);
        List<Integer> references = any.references();
        end(Flux.range(0, REQUESTS)
                .flatMap(i -> io.write(List.of(regions.get(i)), memories.get(i).memory()), REQUESTS));
        assertThat(any.references()).isEqualTo(references);
        any.assertNothingElseChanged();
        byte[] stored = device.stored();
        for (int i = 0; i < REQUESTS; i++) {
            byte[] content = memories.get(i).content();
            assertThat(Arrays.mismatch(
                            Arrays.copyOf(content, (int) regions.get(i).bytes()), partOf(stored, regions.get(i))))
                    .as("first wrong byte of %s, of %s", regions.get(i), memories.get(i))
                    .isEqualTo(-1);
        }
    }

    private void readAll(DmIo io, AnyMemory any, List<IoRegion> regions) {
        byte[] stored = device.stored();
        List<DrawnMemory> memories = drawn(any, regions, false);
        List<Integer> references = any.references();
        end(Flux.range(0, REQUESTS)
                .flatMap(i -> io.read(regions.get(i), memories.get(i).memory()), REQUESTS));
        assertThat(any.references()).isEqualTo(references);
        for (int i = 0; i < REQUESTS; i++) {
            memories.get(i).expect(partOf(stored, regions.get(i)));
        }
        any.assertNothingElseChanged();
    }

    private List<DrawnMemory> drawn(AnyMemory any, List<IoRegion> regions, boolean readOnly) {
        return regions.stream()
                .map(region -> DrawnMemory.of(any, (int) region.bytes(), readOnly, random))
                .toList();
    }

    private static void end(Flux<ErrorBits> results) {
        List<ErrorBits> all = results.collectList().blockOptional(PATIENCE).orElseThrow();
        assertThat(all).hasSize(REQUESTS).allMatch(ErrorBits::isClear);
    }

    private static byte[] partOf(byte[] stored, IoRegion region) {
        return Arrays.copyOfRange(stored, (int) region.sector() * Sectors.BYTES, (int) region.end() * Sectors.BYTES);
    }
}
