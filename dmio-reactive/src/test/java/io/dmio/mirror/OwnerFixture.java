package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.device.FaultyDevice;
import io.dmio.mirror.disk.LegLayout;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A mirror with owner's marks, and another one beside it on the same disks. */
abstract class OwnerFixture extends MirrorFixture {

    private static final UUID BOOT = new UUID(1, 1);
    static final Duration LEASE = Duration.ofSeconds(9);
    static final Duration SETTLED = Duration.ofMillis(250);

    boolean alive = true;

    @Override
    MirrorOptions.Builder options() {
        return on("alpha", 1);
    }

    final MirrorOptions.Builder on(String host, long process) {
        return super.options().owner(OwnerOptions.defaults()).settings(small -> {
            small.host = new OwnerHost(host, process, BOOT, number -> alive);
        });
    }

    /** On the same disks, which the first mirror goes on using. */
    final List<BlockDevice> beside(int... which) {
        List<FaultyDevice> first = List.copyOf(legs);
        List<BlockDevice> second = again(which);
        for (int i = 0; i < first.size(); i++) {
            legs.set(i, first.get(i));
        }
        return second;
    }

    final MirrorDevice openBeside(MirrorOptions.Builder options) {
        return get(MirrorDevice.open(beside(0, 1), options.build()));
    }

    final OwnerMark mark(int disk) {
        OwnerMark mark = OwnerMark.decode(
                disks.get(disk).snapshot(LegLayout.ownerSector(DATA + METADATA), LegLayout.UNIT_SECTORS));
        return Objects.requireNonNull(mark, "a mark");
    }

    final Duration timeOf(Runnable work) {
        long before = clock.now(TimeUnit.MILLISECONDS);
        work.run();
        return Duration.ofMillis(clock.now(TimeUnit.MILLISECONDS) - before);
    }

    static void pause(MirrorDevice mirror) {
        mirror.mirror().runtime().mailbox().pause();
    }

    static void goOn(MirrorDevice mirror) {
        mirror.mirror().runtime().mailbox().goOn();
    }

    final DeviceException refusal(MirrorOptions.Builder options, int... which) {
        CompletableFuture<MirrorDevice> opening =
                MirrorDevice.open(beside(which), options.build()).toFuture();
        pass(Duration.ofSeconds(30));
        assertThat(opening).isCompletedExceptionally();
        return (DeviceException) opening.handle((none, why) -> why).join();
    }
}
