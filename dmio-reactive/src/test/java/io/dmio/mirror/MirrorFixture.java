package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Sectors;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.testkit.Patterns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A mirror of memory under a virtual clock: 64 chunks of 64 KiB on legs that can be made to fail. */
abstract class MirrorFixture {

    static final int CHUNK = MirrorOptions.CHUNK_BYTES_MIN / Sectors.BYTES;
    static final int CHUNKS = 64;
    static final long DATA = (long) CHUNK * CHUNKS;
    static final int METADATA = LegLayout.METADATA_UNITS_MIN * LegLayout.UNIT_SECTORS;
    static final long SLOTS = LegLayout.slotSector(DATA + METADATA, 0);

    final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    final List<MemoryDevice> disks = new ArrayList<>();
    final List<FaultyDevice> legs = new ArrayList<>();
    final List<MirrorEvent> events = new ArrayList<>();

    @AfterEach
    void stopTheClock() {
        clock.dispose();
    }

    /** A disk with room for the data, and a leg over it. */
    FaultyDevice leg(String name) {
        return leg(MemoryDevice.of(name, DATA + METADATA));
    }

    FaultyDevice leg(MemoryDevice disk) {
        FaultyDevice leg = overDisk(disk);
        disks.add(disk);
        legs.add(leg);
        return leg;
    }

    MirrorOptions.Builder options() {
        return MirrorOptions.builder()
                .chunkBytes(MirrorOptions.CHUNK_BYTES_MIN)
                .clock(() -> clock)
                .owner(OwnerOptions.off())
                .name("m");
    }

    MirrorDevice create(int count) {
        return create(count, options().equalAlready(true));
    }

    MirrorDevice create(int count, MirrorOptions.Builder options) {
        IntStream.range(0, count).forEach(i -> leg("disk-" + i));
        return watched(get(MirrorDevice.create(legs, options.build())));
    }

    /** The same legs in a new boot, as after a crash of the process. */
    List<BlockDevice> again(int... which) {
        List<BlockDevice> these = new ArrayList<>();
        for (int i : which) {
            FaultyDevice leg = overDisk(disks.get(i));
            legs.set(i, leg);
            these.add(leg);
        }
        return these;
    }

    MirrorDevice open(MirrorOptions.Builder options, int... which) {
        return watched(get(MirrorDevice.open(again(which), options.build())));
    }

    private FaultyDevice overDisk(MemoryDevice disk) {
        return FaultyDevice.of(new Kept(disk), FaultPlan.none(), () -> clock);
    }

    /** Hears what happens from now on. */
    MirrorDevice watched(MirrorDevice mirror) {
        mirror.events(mirror.mirror().runtime().events().count()).subscribe(events::add);
        return mirror;
    }

    void crash(MirrorDevice mirror) {
        mirror.mirror().abandon();
    }

    /** What it comes to within a minute. */
    <T> T get(Mono<T> mono) {
        CompletableFuture<T> future = mono.toFuture();
        for (int i = 0; i < 600 && !future.isDone(); i++) {
            pass(Duration.ofMillis(100));
        }
        assertThat(future).isDone();
        try {
            return future.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof DeviceException refusal) {
                throw refusal;
            }
            throw failed;
        }
    }

    void pass(Duration time) {
        clock.advanceTimeBy(time);
    }

    MirrorStatus status(MirrorDevice mirror) {
        return get(mirror.status());
    }

    CompletableFuture<Void> start(BlockDevice device, BlockOp op) {
        return device.submit(op).toFuture();
    }

    void write(BlockDevice device, long sector, int count, long seed) {
        get(device.submit(writeOf(sector, count, seed)));
    }

    static BlockOp.Write writeOf(long sector, int count, long seed) {
        return new BlockOp.Write(sector, Unpooled.wrappedBuffer(Patterns.bytes(sector, count, seed)), false);
    }

    byte[] read(BlockDevice device, long sector, int count) {
        ByteBuf into = Unpooled.buffer(count * Sectors.BYTES);
        get(device.submit(new BlockOp.Read(sector, into)));
        byte[] bytes = new byte[count * Sectors.BYTES];
        into.getBytes(0, bytes);
        return bytes;
    }

    /** Every leg holds the pattern there. */
    void allHold(long sector, int count, long seed) {
        for (MemoryDevice disk : disks) {
            assertThat(disk.snapshot(sector, count)).as(disk.toString()).isEqualTo(Patterns.bytes(sector, count, seed));
        }
    }

    void legsAreEqual() {
        String first = disks.get(0).sha256(0, DATA);
        assertThat(disks).allSatisfy(disk -> assertThat(disk.sha256(0, DATA)).isEqualTo(first));
    }

    List<MirrorEvent.Kind> kinds() {
        return events.stream().map(MirrorEvent::kind).toList();
    }

    void refused(Mono<?> mono, Errno errno, String why) {
        assertThatThrownBy(() -> get(mono))
                .isInstanceOfSatisfying(
                        DeviceException.class,
                        refusal -> assertThat(refusal.errno()).isEqualTo(errno))
                .hasMessageContaining(why);
    }
}
