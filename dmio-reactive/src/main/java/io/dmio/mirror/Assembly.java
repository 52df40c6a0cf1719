package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Sectors;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.LegMarks;
import io.dmio.mirror.disk.LegRecord;
import io.dmio.mirror.disk.Membership;
import io.dmio.mirror.disk.Planes;
import io.dmio.mirror.disk.SizeText;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A mirror ready to run: which legs take part, and which leg has which chunk. After a crash one leg is chosen for each dirty chunk, and the
 * others lack that chunk. The choice is made durable before anybody reads, so it stands whatever crashes next.
 *
 * @param membership the membership to be recorded
 * @param planes the bitmap to be written; nothing is dirty
 * @param disks the legs by index
 * @param grown whether the mirror is larger than its legs have on record
 */
record Assembly(Membership membership, Planes planes, Map<Integer, LegDisk> disks, boolean grown) {

    /** Makes a new mirror on devices that become its legs. */
    static Mono<Assembly> create(List<BlockDevice> devices, MirrorSettings options, Claim claim) {
        return pinned(devices)
                .concatMap(device -> refuseMarked(device, options))
                .then(Mono.fromSupplier(() -> made(devices, options)))
                .flatMap(made -> claim.takeNew(made)
                        .thenMany(Flux.fromIterable(devices))
                        .filter(any -> options.ownerMarks()) // another owner may have had one with an unreadable mark
                        .concatMap(device -> refuseMarked(device, options))
                        .thenMany(Flux.fromIterable(devices))
                        .concatMap(device -> new LegWipe(device, unchanged -> claim.held()).run(any -> true))
                        .then(Mono.defer(claim::held))
                        .thenReturn(made));
    }

    /** Opens the mirror that these devices are legs of. */
    static Mono<Assembly> open(List<BlockDevice> devices, MirrorSettings options) {
        return pinned(devices).then(read(devices, options, (lineup, planes) -> resolved(lineup, planes, options)));
    }

    /** Returns the status of the mirror that these devices are legs of, even if legs are missing that may have gone on alone. */
    static Mono<MirrorStatus> inspect(List<BlockDevice> devices) {
        MirrorSettings options = new MirrorSettings();
        options.degraded = true;
        return read(devices, options, (lineup, planes) -> {
            planes.setUnread();
            return FoundStatus.of(lineup, planes);
        });
    }

    // The mirror looks now who the devices are. That holds until they are lost.
    private static Flux<BlockDevice> pinned(List<BlockDevice> devices) {
        return Flux.fromIterable(devices).doOnNext(BlockDevice::pin);
    }

    private static <T> Mono<T> read(
            List<BlockDevice> devices, MirrorSettings options, BiFunction<Lineup, Planes, T> then) {
        return Flux.fromIterable(devices)
                .concatMap(LegDisk::read)
                .collectList()
                .map(disks -> Lineup.of(disks, options))
                .flatMap(lineup -> {
                    Membership membership = lineup.membership();
                    Planes planes = new Planes(membership.mirror(), membership.chunkCount());
                    return Flux.fromIterable(lineup.informed())
                            .concatMap(disk -> disk.readPlanes(planes, membership.chunkSectors()))
                            .thenMany(Flux.fromIterable(lineup.behind().entrySet()))
                            .filter(any -> options.keeps(Rule.ASK_WHO_IS_BEHIND))
                            .concatMap(leg -> leg.getValue().confess(leg.getKey(), planes, membership.chunkSectors()))
                            .then(Mono.fromSupplier(() -> then.apply(lineup, planes)));
                });
    }

    /**
     * Returns this mirror with that much room, or, for {@code Long.MAX_VALUE}, all that its legs have; the new part is copied from the first
     * leg that has everything.
     */
    Assembly grown(long wanted) {
        long sectors = wanted == Long.MAX_VALUE
                ? Math.max(room(disks, membership.chunkSectors()), membership.dataSectors())
                : wanted;
        if (sectors < membership.dataSectors()) {
            throw new IllegalArgumentException(
                    SizeText.of(sectors) + " is less than the " + SizeText.of(membership.dataSectors()) + " it has");
        }
        return sectors == membership.dataSectors() ? this : larger(sectors);
    }

    private Assembly larger(long sectors) {
        requireFewChunks(sectors, membership.chunkSectors(), "a mirror of larger ones has to be made");
        int legsKnown =
                (int) membership.legs().stream().filter(leg -> !leg.isFree()).count();
        if (legsKnown != disks.size()) {
            throw DeviceException.of(Errno.ENODEV, "mirror", "a leg is missing: a mirror grows with all of its legs");
        }
        disks.values().forEach(disk -> requireRoom(disk, membership.chunkSectors(), sectors));
        int block = blockBytes(Sectors.BYTES);
        if (Sectors.toBytes(sectors) % block != 0) {
            throw new IllegalArgumentException(SizeText.of(sectors) + " is no whole number of blocks of " + block
                    + " bytes, as its legs have them");
        }
        Membership larger = membership.withDataSectors(sectors);
        int firstNew = (int) (membership.dataSectors() / membership.chunkSectors()); // the last one may have been short
        Planes wider = planes.grown(larger.chunkCount());
        int source = IntStream.range(0, LegLayout.LEGS_MAX)
                .filter(i -> membership.leg(i).isIn() && planes.count(Planes.stale(i)) == 0)
                .findFirst()
                .orElseThrow(() -> DeviceException.of(
                        Errno.EBUSY, "mirror", "no leg has everything: let the resync end before it grows"));
        for (int leg : disks.keySet()) {
            for (int chunk = firstNew; leg != source && chunk < larger.chunkCount(); chunk++) {
                wider.set(Planes.stale(leg), chunk);
            }
        }
        return new Assembly(larger, wider, disks, true);
    }

    /** Returns which legs do not have the newest of what is on record. */
    Behind behind() {
        Map<Integer, LegDisk> in = new TreeMap<>(disks);
        in.values().removeIf(disk -> disk.superblock() == null);
        in.keySet().removeIf(index -> !membership.leg(index).isIn());
        Membership newest = in.values().stream()
                .map(disk -> disk.mark().membership())
                .max(Comparator.comparingLong(Membership::generation))
                .orElse(membership);
        return new Behind(
                behind(in, disk -> disk.mark().membership().generation()), behind(in, LegDisk::batch), newest);
    }

    private static int behind(Map<Integer, LegDisk> in, ToLongFunction<LegDisk> number) {
        long newest = in.values().stream().mapToLong(number).max().orElse(0);
        return in.entrySet().stream()
                .filter(leg -> number.applyAsLong(leg.getValue()) < newest)
                .mapToInt(leg -> 1 << leg.getKey())
                .sum();
    }

    /** The longest transfer that every leg takes, in whole blocks of the mirror. */
    int transferSectors(int block) {
        int transfer = infos().mapToInt(DeviceInfo::transferBytesMax).min().orElseThrow();
        return Math.max(transfer / block, 1) * (block / Sectors.BYTES);
    }

    /**
     * Returns the mirror's block: the largest of its legs' blocks, or what was asked for when the mirror was made.
     *
     * @param least the block that is asked for now, as far as the mirror's size is whole blocks of it
     */
    int blockBytes(int least) {
        int legs = infos().mapToInt(DeviceInfo::logicalBlockBytes).max().orElseThrow();
        int block = Math.max(legs, Sectors.BYTES * membership.blockSectors());
        int larger = least;
        while (larger > block && Sectors.toBytes(membership.dataSectors()) % larger != 0) {
            larger /= 2; // the mirror may have grown to a size that is no whole number of these
        }
        return Math.max(block, larger);
    }

    private Stream<DeviceInfo> infos() {
        return disks.values().stream().map(disk -> disk.device().info());
    }

    private static long room(Map<Integer, LegDisk> disks, int chunkSectors) {
        return disks.values().stream()
                .mapToLong(disk -> disk.layout(chunkSectors).dataSectorsMax())
                .min()
                .orElseThrow();
    }

    static void requireRoom(LegDisk disk, int chunkSectors, long sectors) {
        long max = disk.layout(chunkSectors).dataSectorsMax();
        if (max < sectors) {
            throw DeviceException.of(
                    Errno.ENOSPC,
                    disk.name(),
                    "has room for " + SizeText.of(max) + " of data, not for " + SizeText.of(sectors)
                            + ": take a larger one");
        }
    }

    private static Mono<Void> refuseMarked(BlockDevice device, MirrorSettings options) {
        return LegDisk.isMarked(device)
                .flatMap(marked -> marked && !options.overwrite()
                        ? Mono.error(DeviceException.of(
                                Errno.EEXIST,
                                device.info().name(),
                                "carries a mirror already",
                                MirrorRefusal.OTHER_MIRROR))
                        : Mono.empty());
    }

    private static Assembly made(List<BlockDevice> devices, MirrorSettings options) {
        long smallest = devices.stream()
                .mapToLong(device -> device.info().sectorCount())
                .min()
                .orElseThrow(() -> new IllegalArgumentException("no legs"));
        int chunkSectors = options.chunkSectors(smallest);
        Map<Integer, LegDisk> disks = new TreeMap<>();
        devices.forEach(device -> disks.put(disks.size(), LegDisk.blank(device)));
        long data = size(disks, chunkSectors, options.sectorCount);
        requireFewChunks(data, chunkSectors, "take larger ones");
        long lineage = options.newId().getLeastSignificantBits();
        Membership membership = Membership.first(options.newId(), lineage, data, chunkSectors, options.legsMin())
                .withBlockSectors(options.blockSectors());
        Planes planes = new Planes(membership.mirror(), membership.chunkCount());
        planes.begin();
        for (Map.Entry<Integer, LegDisk> each : disks.entrySet()) {
            int index = each.getKey();
            membership = membership.with(index, each.getValue().record(options.newId(), options.isWriteMostly(index)));
            if (index > 0 && !options.equalAlready()) {
                planes.setAll(Planes.stale(index));
            }
        }
        return new Assembly(membership, planes, disks, false);
    }

    private static void requireFewChunks(long sectors, int chunkSectors, String remedy) {
        if (sectors / chunkSectors >= MirrorOptions.CHUNKS_MAX) {
            throw new IllegalArgumentException(
                    sectors / chunkSectors + " chunks are more than " + MirrorOptions.CHUNKS_MAX + ": " + remedy);
        }
    }

    private static long size(Map<Integer, LegDisk> disks, int chunkSectors, long wanted) {
        if (wanted == 0) {
            return room(disks, chunkSectors);
        }
        disks.values().forEach(disk -> requireRoom(disk, chunkSectors, wanted));
        return wanted;
    }

    private static Assembly resolved(Lineup lineup, Planes planes, MirrorSettings options) {
        Membership membership = lineup.membership();
        if (lineup.trusted() != LegLayout.NO_LEG) {
            for (int leg = 0; leg < LegLayout.LEGS_MAX; leg++) {
                planes.setAll(Planes.stale(leg));
            }
            planes.clearAll(Planes.stale(lineup.trusted()));
            planes.clearAll(Planes.DIRTY);
            planes.begin();
        } else {
            planes.setUnread();
        }
        for (int leg = 0; leg < LegLayout.LEGS_MAX; leg++) {
            if (membership.leg(leg).isFree()) {
                planes.clearAll(Planes.stale(leg));
            } else if (!membership.leg(leg).isIn()) {
                lacks(membership.leg(leg), leg, planes);
            }
        }
        List<Integer> in = ContentChoice.inOrder(lineup, options);
        if (lineup.isAll() && !options.degraded()) {
            ContentChoice.conclude(planes, in);
        }
        ContentChoice.requireEveryChunk(membership, planes, in);
        if (options.keeps(Rule.CHOOSE_BEFORE_START)) {
            ContentChoice.choose(planes, in);
        }
        planes.clearAll(Planes.DIRTY);
        return new Assembly(membership, planes, lineup.disks(), false);
    }

    /** Notes that a leg that is out lacks what may be in flight, or everything if nobody knows how far it was. */
    static void lacks(LegRecord record, int leg, Planes planes) {
        if (record.left().equals(LegMarks.NONE)) {
            planes.setAll(Planes.stale(leg));
        } else {
            planes.setAll(Planes.stale(leg), Planes.DIRTY);
        }
    }
}
