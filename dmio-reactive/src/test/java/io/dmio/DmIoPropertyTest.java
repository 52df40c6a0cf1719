package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.Seed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Random requests with random memory on random faulty devices against a model of plain arrays. Sectors of a region whose bit
 * is clear hold exactly what was written; those of a failed one are old or new, never anything else; nothing else changes.
 */
@ExtendWith(Seed.class)
class DmIoPropertyTest {

    private static final int SECTORS = 96;
    private static final int ROUNDS = 25;

    private record Disk(BlockDevice device, MemoryDevice memory, ByteBuf model, IoRegion bad) {
        boolean isBad(long sector, long count) {
            return bad.count() > 0 && sector < bad.end() && bad.sector() < sector + count;
        }
    }

    @RepeatedTest(40)
    void whateverIsAskedEndsAsTheModelSays(RepetitionInfo run) {
        SplittableRandom random = Seed.random("model " + run.getCurrentRepetition());
        List<Disk> disks = disks(random);
        int pages = 1 + random.nextInt(8);
        DmIo io = DmIo.builder()
                .transferBytesMax(4096 * (1 + random.nextInt(8)))
                .build()
                .get(pages);
        for (int round = 0; round < ROUNDS; round++) {
            switch (random.nextInt(5)) {
                case 0 -> read(io, disks, random);
                case 1 -> zero(io, disks, random);
                default -> write(io, disks, random);
            }
            assertThat(io.budget().inUse()).isZero();
        }
        io.put(pages).block();
    }

    private static List<Disk> disks(SplittableRandom random) {
        List<Disk> disks = new ArrayList<>();
        int count = 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            int block = random.nextInt(4) == 0 ? 4096 : 512;
            DeviceInfo info = MemoryDevice.of("disk" + i, SECTORS)
                    .info()
                    .withBlocks(block, block)
                    .withMemoryAlignmentBytes(1 << random.nextInt(10))
                    .withTransferBytesMax(block * (1 + random.nextInt(6)));
            MemoryDevice memory = MemoryDevice.of(info);
            long bad = random.nextInt(SECTORS);
            long badCount = random.nextBoolean() ? 0 : 1 + random.nextInt(16);
            FaultPlan plan = badCount == 0
                    ? FaultPlan.none()
                    : FaultPlan.of(Fault.errno(Errno.EIO).within(bad, badCount));
            ByteBuf model = Unpooled.wrappedBuffer(new byte[SECTORS * Sectors.BYTES]);
            disks.add(new Disk(FaultyDevice.of(memory, plan), memory, model, new IoRegion(memory, bad, badCount)));
        }
        return disks;
    }

    private static void write(DmIo io, List<Disk> disks, SplittableRandom random) {
        List<IoRegion> regions = regions(disks, random);
        long longest = regions.stream().mapToLong(IoRegion::bytes).max().orElse(0);
        Memory memory = memory((int) longest, random);
        byte[] bytes = memory.content();
        WriteOptions options = new WriteOptions(random.nextBoolean(), random.nextInt(4) == 0, random.nextInt(4) == 0);
        ErrorBits bits = ask(io, IoRequest.write(regions, memory.memory(), options), random);
        assertThat(memory.content()).as("a write changes no memory").isEqualTo(bytes);
        memory.release();
        verify(disks, regions, bits, bytes);
    }

    /** Half of them the general way, which requests of the common shape would never see. */
    private static ErrorBits ask(DmIo io, IoRequest request, SplittableRandom random) {
        Dispatch dispatch = new Dispatch(request, io.budget(), io.transferBytesMax(), false);
        return (random.nextBoolean() ? dispatch : dispatch.general())
                .blockOptional()
                .orElseThrow();
    }

    private static void zero(DmIo io, List<Disk> disks, SplittableRandom random) {
        List<IoRegion> regions = regions(disks, random);
        verify(disks, regions, io.writeZeroesSync(regions), new byte[SECTORS * Sectors.BYTES]);
    }

    private static void read(DmIo io, List<Disk> disks, SplittableRandom random) {
        IoRegion region = regions(disks, random).get(0);
        Disk disk = diskOf(disks, region);
        Memory memory = memory((int) region.bytes(), random);
        byte[] before = memory.content();
        ErrorBits bits = ask(io, IoRequest.read(region, memory.memory()), random);
        byte[] after = memory.content();
        memory.release();

        assertThat(bits.failed(0)).isEqualTo(shouldFail(disk, region));
        int length = (int) region.bytes();
        assertThat(Arrays.copyOfRange(after, length, after.length))
                .as("beyond the region")
                .isEqualTo(Arrays.copyOfRange(before, length, before.length));
        for (int at = 0; at < length; at += Sectors.BYTES) {
            byte[] got = Arrays.copyOfRange(after, at, at + Sectors.BYTES);
            long place = region.sector() + at / Sectors.BYTES;
            byte[] stored = place < SECTORS ? sector(disk.model.array(), place) : new byte[Sectors.BYTES];
            if (bits.isClear()) {
                assertThat(Arrays.equals(got, stored))
                        .as("sector %d as stored", place)
                        .isTrue();
            } else {
                assertThat(Arrays.equals(got, stored) || Arrays.equals(got, new byte[Sectors.BYTES]))
                        .as("what is stored, or zeroes")
                        .isTrue();
            }
        }
    }

    /** Bits as the faults demand, contents as the bits say; then the model follows what is there. */
    private static void verify(List<Disk> disks, List<IoRegion> regions, ErrorBits bits, byte[] written) {
        for (int i = 0; i < regions.size(); i++) {
            IoRegion region = regions.get(i);
            assertThat(bits.failed(i))
                    .as("bit %d of %s", i, regions)
                    .isEqualTo(shouldFail(diskOf(disks, region), region));
        }
        for (Disk disk : disks) {
            byte[] now = disk.memory.snapshot(0, SECTORS);
            for (int sector = 0; sector < SECTORS; sector++) {
                List<byte[]> allowed = new ArrayList<>();
                boolean replaced = false;
                for (int i = 0; i < regions.size(); i++) {
                    IoRegion region = regions.get(i);
                    if (region.device().equals(disk.device) && sector >= region.sector() && sector < region.end()) {
                        allowed.add(sector(written, sector - region.sector()));
                        replaced |= !bits.failed(i);
                    }
                }
                if (!replaced) {
                    allowed.add(sector(disk.model.array(), sector));
                }
                byte[] found = sector(now, sector);
                assertThat(allowed)
                        .as("sector %d of %s after %s", sector, disk.device, bits)
                        .anyMatch(one -> Arrays.equals(one, found));
            }
            disk.model.setBytes(0, now);
        }
    }

    private static boolean shouldFail(Disk disk, IoRegion region) {
        if (region.count() == 0) {
            return false;
        }
        int block = disk.device.info().logicalBlockBytes() / Sectors.BYTES;
        return region.end() > SECTORS
                || region.sector() % block != 0
                || region.count() % block != 0
                || disk.isBad(region.sector(), region.count());
    }

    private static List<IoRegion> regions(List<Disk> disks, SplittableRandom random) {
        List<IoRegion> regions = new ArrayList<>();
        int count = 1 + random.nextInt(6);
        boolean sameLength = random.nextBoolean();
        for (int i = 0; i < count; i++) {
            Disk disk = disks.get(random.nextInt(disks.size()));
            int unit = random.nextInt(5) == 0 ? 1 : 8; // mostly whole 4 KiB blocks
            long sector = random.nextInt(SECTORS / unit) * (long) unit;
            long length = sameLength && i > 0
                    ? regions.get(0).count()
                    : random.nextInt(48 / unit) * (long) unit; // may reach beyond the end
            regions.add(new IoRegion(disk.device, sector, length));
        }
        return regions;
    }

    private static Disk diskOf(List<Disk> disks, IoRegion region) {
        return disks.stream()
                .filter(disk -> disk.device.equals(region.device()))
                .findFirst()
                .orElseThrow();
    }

    private static byte[] sector(byte[] bytes, long sector) {
        int at = (int) sector * Sectors.BYTES;
        return Arrays.copyOfRange(bytes, at, at + Sectors.BYTES);
    }

    /** Memory of a random kind and shape, filled with random bytes, and the buffers it is made of. */
    private record Memory(IoMemory memory, List<ByteBuf> buffers) {
        byte[] content() {
            byte[] bytes = new byte[(int) memory.bytes()];
            ByteBuf view = memory.retainedView(0, bytes.length);
            view.getBytes(0, bytes);
            view.release();
            return bytes;
        }

        void release() {
            assertThat(buffers).allMatch(buffer -> buffer.refCnt() == 1, "held by its owner alone");
            buffers.forEach(ByteBuf::release);
        }
    }

    private static Memory memory(int atLeast, SplittableRandom random) {
        int bytes = atLeast + random.nextInt(3) * 512 + 512;
        byte[] noise = new byte[bytes + 8192];
        new java.util.Random(random.nextLong()).nextBytes(noise);
        return switch (random.nextInt(3)) {
            case 0 -> pageList(bytes, noise, random.nextInt(8) * 512);
            case 1 -> vectors(bytes, noise, random);
            default -> buffer(bytes, noise, random.nextInt(3));
        };
    }

    private static Memory pageList(int bytes, byte[] noise, int offset) {
        List<ByteBuf> pages = new ArrayList<>();
        for (int at = 0; at < bytes + offset; at += 4096) {
            pages.add(Unpooled.wrappedBuffer(Arrays.copyOfRange(noise, at, at + 4096)));
        }
        return new Memory(PageList.of(pages, offset), pages);
    }

    private static Memory vectors(int bytes, byte[] noise, SplittableRandom random) {
        ByteBuf all = Unpooled.directBuffer(noise.length).writeBytes(noise);
        List<BioVector> vectors = new ArrayList<>();
        int shift = random.nextInt(4096); // at any address
        for (int done = 0; done < bytes; ) {
            int length = Math.min(bytes - done, (1 + random.nextInt(9)) * 512);
            length = Math.max(512, length / 512 * 512);
            vectors.add(new BioVector(all, shift + done, length));
            done += length;
        }
        return new Memory(BioVectors.of(vectors), List.of(all));
    }

    private static Memory buffer(int bytes, byte[] noise, int kind) {
        ByteBuf buffer = kind == 0
                ? Unpooled.wrappedBuffer(noise)
                : Unpooled.directBuffer(noise.length).writeBytes(noise);
        return new Memory(VmBuffer.of(kind == 2 ? buffer.slice(1, bytes) : buffer), List.of(buffer));
    }
}
