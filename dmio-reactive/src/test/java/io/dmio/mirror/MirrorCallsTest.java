package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** Legs that break the rules of the call, and callers that leave before they have their mirror. */
class MirrorCallsTest extends MirrorFixture {

    /** A disk that does what it is told to do instead of an operation, once it is told. */
    private static final class Rude implements BlockDevice {
        private final MemoryDevice disk;
        private @Nullable Supplier<@Nullable Mono<Void>> instead;
        private @Nullable Supplier<@Nullable Mono<List<Extent>>> tells;
        private Supplier<@Nullable Mono<Void>> closes = Mono::empty;
        private UnaryOperator<DeviceInfo> says = info -> info;
        private Runnable pins = () -> {};
        private int closed;

        Rude(MemoryDevice disk) {
            this.disk = disk;
        }

        @Override
        public DeviceInfo info() {
            return says.apply(disk.info());
        }

        @Override
        public void pin() {
            pins.run();
        }

        @Override
        @SuppressWarnings("NullAway") // which is what a rude one may give
        public Mono<Void> submit(BlockOp op) {
            Supplier<@Nullable Mono<Void>> other = instead;
            return other == null ? disk.submit(op) : other.get();
        }

        @Override
        @SuppressWarnings("NullAway")
        public Mono<List<Extent>> extents(long sector, long sectorCount) {
            Supplier<@Nullable Mono<List<Extent>>> other = tells;
            return other == null ? disk.extents(sector, sectorCount) : other.get();
        }

        @Override
        @SuppressWarnings("NullAway")
        public Mono<Void> close() {
            closed++;
            return closes.get();
        }
    }

    private Rude rude(String name) {
        MemoryDevice disk = MemoryDevice.of(name, DATA + METADATA);
        disks.add(disk);
        return new Rude(disk);
    }

    private void aLegThat(Supplier<@Nullable Mono<Void>> does) {
        Rude good = rude("good");
        Rude bad = rude("bad");
        MirrorDevice mirror = watched(get(MirrorDevice.create(
                List.of(good, bad), options().equalAlready(true).build())));
        bad.instead = does;
        write(mirror, 0, 8, 1);
        assertThat(kinds()).containsExactly(MirrorEvent.Kind.LEG_FAILED);
        bad.instead = null;
        get(mirror.resync());
        legsAreEqual();
        assertThat(read(mirror, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 1));
        get(mirror.close());
    }

    @Test
    void aLegThatThrowsAtSubmitHasFailed() {
        aLegThat(() -> {
            throw new IllegalStateException("rude");
        });
    }

    @Test
    void aLegThatGivesNullHasFailed() {
        aLegThat(() -> null);
    }

    @Test
    void aLegThatEndsWithWhatReactorCallsFatalHasFailed() {
        aLegThat(() -> Mono.create(sink -> {
            throw new LinkageError("rude");
        }));
    }

    /** What a device says of itself counts when it becomes a leg; later it can do no harm, to data above all. */
    @Test
    void aLegThatSaysSomethingElseOfItselfLaterGetsNothingElsewhere() {
        DeviceInfo small = MemoryDevice.of("small", DATA / 2).info();
        List<UnaryOperator<DeviceInfo>> ways =
                List.of(info -> small, info -> small.withBlocks(4096, 4096).withTransferBytesMax(4096), info -> {
                    throw new IllegalStateException("rude");
                });
        for (UnaryOperator<DeviceInfo> way : ways) {
            disks.clear();
            Rude good = rude("good");
            Rude bad = rude("bad");
            MirrorOptions.Builder owned = options().equalAlready(true).owner(OwnerOptions.defaults());
            MirrorDevice mirror = watched(get(MirrorDevice.create(List.of(good, bad), owned.build())));
            write(mirror, 0, 8, 1);
            bad.says = way;
            pass(Duration.ofSeconds(20)); // owner's marks are written
            write(mirror, DATA - 8, 8, 2);
            bad.instead = () -> Mono.error(DeviceException.of(Errno.EIO, "bad", "rude"));
            write(mirror, 64, 8, 3);
            bad.instead = null;
            pass(Duration.ofMinutes(1)); // it is asked who it is
            bad.says = info -> info;
            get(mirror.resync());
            assertThat(kinds())
                    .contains(MirrorEvent.Kind.LEG_IN_SYNC)
                    .doesNotContain(MirrorEvent.Kind.BROKEN, MirrorEvent.Kind.OWNER_LOST);
            legsAreEqual();
            get(mirror.close());
            events.clear();
        }
    }

    @Test
    void aLegThatBreaksWhenItIsLookedAtAgainStaysOutUntilItDoesNot() {
        Rude good = rude("good");
        Rude bad = rude("bad");
        MirrorDevice mirror = watched(get(MirrorDevice.create(
                List.of(good, bad), options().equalAlready(true).build())));
        bad.pins = () -> {
            throw new LinkageError("rude");
        };
        bad.instead = () -> Mono.error(DeviceException.of(Errno.EIO, "bad", "rude"));
        write(mirror, 0, 8, 1);
        bad.instead = null;
        pass(Duration.ofMinutes(1));
        write(mirror, 64, 8, 2);
        assertThat(kinds()).containsExactly(MirrorEvent.Kind.LEG_FAILED);
        bad.pins = () -> {};
        get(mirror.resync());
        legsAreEqual();
        get(mirror.close());
    }

    @Test
    void aStartThatIsCancelledGoesOnAndClosesItsLegs() {
        Rude disk = rude("one");
        FaultyDevice slow = FaultyDevice.of(disk, FaultPlan.none(), () -> clock);
        slow.stall();
        Disposable start = MirrorDevice.create(List.of(slow), options().build()).subscribe();
        start.dispose();
        slow.release();
        pass(Duration.ofSeconds(1));
        assertThat(disk.closed).isEqualTo(1);
        assertThat(status(List.of(disk)).isInSync()).isTrue();
    }

    @Test
    void aLegWhoseCloseBreaksTheRulesLeavesNoOtherOpen() {
        List<Supplier<@Nullable Mono<Void>>> ways = List.of(
                () -> {
                    throw new IllegalStateException("rude");
                },
                () -> {
                    throw new LinkageError("rude");
                },
                () -> null,
                () -> Mono.error(new IllegalStateException("rude")));
        for (Supplier<@Nullable Mono<Void>> way : ways) {
            List<Rude> all = List.of(rude("a"), rude("b"), rude("c"));
            MirrorDevice mirror =
                    get(MirrorDevice.create(all, options().equalAlready(true).build()));
            all.get(0).closes = way;
            all.get(1).closes = way;
            assertThat(mirror.close().toFuture()).isCompletedExceptionally();
            assertThat(all).extracting(leg -> leg.closed).containsExactly(1, 1, 1);
        }
    }

    @Test
    void whereALegDoesNotTellItsExtentsEverythingMayBeData() {
        Rude one = rude("one");
        MirrorDevice mirror = get(MirrorDevice.create(List.of(one), options().build()));
        assertThat(get(mirror.extents(0, 8))).extracting(Extent::kind).containsExactly(Extent.Kind.HOLE);
        List<Supplier<@Nullable Mono<List<Extent>>>> ways = List.of(
                () -> Mono.error(DeviceException.of(Errno.EIO, "one", "rude")),
                () -> {
                    throw new IllegalStateException("rude");
                },
                () -> null,
                Mono::empty,
                () -> Mono.just(List.of()),
                () -> Mono.just(List.of(new Extent(0, 8, Extent.Kind.HOLE))), // of another place
                Mono::never);
        for (Supplier<@Nullable Mono<List<Extent>>> way : ways) {
            one.tells = way;
            assertThat(get(mirror.extents(8, 16))).containsExactly(new Extent(8, 16, Extent.Kind.DATA));
        }
        Extent longer = new Extent(8, 1_000, Extent.Kind.HOLE);
        one.tells = () -> Mono.just(List.of(longer, new Extent(2_000, 8, Extent.Kind.HOLE)));
        assertThat(get(mirror.extents(8, 16))).containsExactly(new Extent(8, 16, Extent.Kind.HOLE));
        get(mirror.close());
    }

    private MirrorStatus status(List<BlockDevice> of) {
        return get(MirrorStatus.inspect(of));
    }

    /** A cancel that comes when the mirror has been handed over closes it, unless somebody has it. */
    @Test
    void whoeverAsksForAnythingHasTheMirror() {
        List<Consumer<MirrorDevice>> calls = List.of(
                mirror -> get(mirror.status()),
                mirror -> get(mirror.chunks(0, 8)),
                mirror -> get(mirror.scrub(ScrubMode.CHECK)),
                mirror -> get(mirror.resync()),
                mirror -> mirror.limit(1),
                mirror -> mirror.pause(),
                mirror -> mirror.resume(),
                mirror -> mirror.events(),
                mirror -> get(mirror.extents(0, 8)),
                mirror -> get(mirror.remove(2)),
                mirror -> get(mirror.split(2)),
                mirror -> get(mirror.add(MemoryDevice.of("fresh", DATA + METADATA))),
                mirror -> get(mirror.replace(2, MemoryDevice.of("fresh", DATA + METADATA))),
                mirror -> get(mirror.submit(new BlockOp.Flush())));
        for (Consumer<MirrorDevice> call : calls) {
            legs.clear();
            for (int i = 0; i < 3; i++) {
                leg("disk-" + i);
            }
            MirrorDevice mirror =
                    get(MirrorDevice.create(legs, options().equalAlready(true).build()));
            assertThat(mirror.isUsed()).isFalse();
            call.accept(mirror);
            assertThat(mirror.isUsed()).isTrue();
            get(mirror.close());
        }
    }
}
