package io.dmio.app.copy;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.DeviceFallback;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.Sectors;
import io.dmio.app.cli.Sizes;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The legs of a copy, and what is known about each: flushed and verified together. Not closed here. */
final class CopyLegs {

    private final List<BlockDevice> devices;
    private final List<LegTally> tallies = new ArrayList<>();

    /**
     * Creates legs without any failure so far.
     *
     * @param devices up to 64, writable
     */
    CopyLegs(List<BlockDevice> devices) {
        this.devices = List.copyOf(devices);
        devices.forEach(device -> tallies.add(new LegTally(device.info().name())));
    }

    List<BlockDevice> devices() {
        return devices;
    }

    LegTally tally(int leg) {
        return tallies.get(leg);
    }

    /** Adds a leg that is not a device. */
    LegTally add(String name) {
        LegTally tally = new LegTally(name);
        tallies.add(tally);
        return tally;
    }

    /** Returns whether no leg takes more. */
    boolean full() {
        return tallies.stream().allMatch(LegTally::full);
    }

    /** Returns the alignment: whole blocks of every leg, and pages. */
    int alignBytes() {
        return devices.stream().mapToInt(leg -> leg.info().logicalBlockBytes()).reduce(Sectors.PAGE_BYTES, Math::max);
    }

    /** Returns the part of each leg that some bytes go to, in whole blocks. */
    List<IoRegion> regions(long sector, long bytes) {
        List<IoRegion> regions = new ArrayList<>(devices.size());
        for (BlockDevice leg : devices) {
            regions.add(
                    new IoRegion(leg, sector, Sizes.roundUp(bytes, leg.info().logicalBlockBytes()) / Sectors.BYTES));
        }
        return regions;
    }

    /** Notes which legs failed. */
    void tally(ErrorBits failed, List<IoRegion> regions) {
        failed.failedRegions().forEach(i -> {
            IoRegion region = regions.get(i);
            tallies.get(i)
                    .failed(region.sector(), region.count(), failed.cause(i).orElseThrow());
        });
    }

    Mono<Void> flush(DmIo client) {
        return Flux.range(0, devices.size())
                .flatMap(i -> client.flush(List.of(new IoRegion(DeviceFallback.of(devices.get(i)), 0, 0)))
                        .doOnNext(failed ->
                                failed.cause(0).ifPresent(why -> tallies.get(i).failed(0, 0, why))))
                .then();
    }

    /** Reads every good leg again, one after the other: that suits disks, and the budget is small. */
    Mono<Void> verify(DmIo client, long bytes, String sha256) {
        return Flux.range(0, devices.size())
                .filter(i -> tallies.get(i).good())
                .concatMap(i -> verify(Sha256.of(client, devices.get(i), bytes), tallies.get(i), sha256))
                .then();
    }

    private static Mono<String> verify(Mono<String> reading, LegTally tally, String sha256) {
        return reading.doOnNext(found -> {
                    tally.sha256(found);
                    if (!found.equals(sha256)) {
                        tally.failed(Errno.EILSEQ, "reads back as other bytes than were written");
                    }
                })
                .onErrorResume(DeviceException.class, unreadable -> {
                    tally.failed(unreadable.errno(), "cannot be read again: " + unreadable.getMessage());
                    return Mono.empty();
                });
    }

    List<LegReport> reports() {
        return tallies.stream().map(LegTally::report).toList();
    }
}
