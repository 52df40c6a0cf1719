package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.ForwardingDevice;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.mirror.MirrorEvent.Kind;
import io.dmio.testkit.Patterns;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** Starts that bring in legs before they answer anything: how they end, and what they leave on the legs. */
class MirrorBeginningTest extends MirrorFixture {

    private final List<byte[]> metadata = new ArrayList<>(); // of each leg, before any chunk was written
    private int asked;
    private int inFlight;

    private MirrorOptions.Builder two() {
        return options().equalAlready(true).legsMin(2);
    }

    /** All legs but the last fail a write at the same moment. */
    private void aWriteOnTheLastOneAlone(int count) {
        MirrorDevice mirror = create(count, two());
        disks.forEach(disk -> metadata.add(disk.snapshot(DATA, METADATA)));
        for (int chunk = 0; chunk < 2; chunk++) {
            write(mirror, (long) chunk * CHUNK, 8, 1);
            pass(Duration.ofSeconds(20));
        }
        legs.subList(0, count - 1).forEach(leg -> leg.plan(Fault.errno(Errno.EIO)));
        refused(mirror.submit(writeOf(0, 8, 2)), Errno.EIO, "read-only");
        crash(mirror);
    }

    private BlockDevice counted(BlockDevice leg) {
        return new ForwardingDevice(leg) {
            @Override
            public Mono<Void> submit(BlockOp op) {
                return Mono.defer(() -> {
                    asked++;
                    inFlight++;
                    return behind().submit(op).doFinally(how -> inFlight--);
                });
            }
        };
    }

    private void slowAndFails(int leg, int millis) {
        legs.get(leg)
                .plan(
                        Fault.delayed(Duration.ofMillis(millis)).on(BlockOp.Kind.READ),
                        Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE));
    }

    private DeviceException refusal(CompletableFuture<MirrorDevice> opening) {
        for (int i = 0; i < 60_000 && !opening.isDone(); i++) {
            pass(Duration.ofMillis(1));
        }
        CompletionException failed = catchThrowableOfType(CompletionException.class, opening::join);
        return (DeviceException) Objects.requireNonNull(failed.getCause());
    }

    /** Each of the two that cannot come in is tried again while the other is being tried. */
    @Test
    void legsThatAreTriedInTurnsDoNotKeepAStartWaiting() {
        aWriteOnTheLastOneAlone(4);
        List<BlockDevice> all = again(0, 1, 2, 3);
        slowAndFails(1, 1_000);
        slowAndFails(2, 1_100);
        long before = clock.now(TimeUnit.SECONDS);
        DeviceException refusal = refusal(MirrorDevice.open(all, two().build()).toFuture());
        assertThat(refusal)
                .hasMessageContaining("leg 1 (disk-1), leg 2 (disk-2) may start without the others, and cannot be");
        assertThat(clock.now(TimeUnit.SECONDS) - before).isLessThan(20);
    }

    /** It answers everything, but until it is in more time passes than a start may take. */
    @Test
    void aStartDoesNotWaitForASlowLegWhereAnotherOneIsEnough() {
        aWriteOnTheLastOneAlone(3);
        List<BlockDevice> all = again(0, 1, 2);
        legs.get(0).plan(Fault.delayed(Duration.ofSeconds(4)));
        MirrorDevice mirror = get(MirrorDevice.open(all, two().build()));
        assertThat(read(mirror, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 2));
        pass(Duration.ofMinutes(2));
        write(mirror, 0, 8, 3);
        assertThat(status(mirror).legs()).allMatch(leg -> leg.state() == LegState.IN_SYNC);
        legs.get(0).plan(FaultPlan.none());
        get(mirror.close());
    }

    @Test
    void aDeviceThatThrowsWhenItIsPinnedDoesNotKeepTheOthersOut() {
        aWriteOnTheLastOneAlone(3);
        List<BlockDevice> all = new ArrayList<>(again(0, 1, 2));
        int[] pins = {0};
        all.set(0, new ForwardingDevice(all.get(0)) {
            @Override
            public void pin() {
                if (pins[0]++ > 0) { // the first time it is read
                    throw new IllegalStateException("rude");
                }
            }
        });
        MirrorDevice mirror = get(MirrorDevice.open(all, two().build()));
        assertThat(read(mirror, 0, 8)).isEqualTo(Patterns.bytes(0, 8, 2));
    }

    /** One leg has come in, and gets all that it lacks, when it is clear that too few others do. */
    @Test
    void aStartThatIsRefusedHasEndedOnItsLegs() {
        aWriteOnTheLastOneAlone(4);
        disks.get(0).load(DATA, metadata.get(0));
        List<BlockDevice> all = again(0, 1, 2, 3).stream().map(this::counted).toList();
        legs.get(0).plan(Fault.delayed(Duration.ofMillis(150)));
        slowAndFails(1, 950);
        slowAndFails(2, 950);
        DeviceException refusal = refusal(MirrorDevice.open(all, two().build()).toFuture());
        assertThat(refusal.errno()).isEqualTo(Errno.ENODEV);
        assertThat(inFlight).isZero();
        int before = asked;
        pass(Duration.ofMinutes(10));
        assertThat(asked).isEqualTo(before);
    }

    /** Nobody writes before it is up, and an error that nobody has met would alarm somebody. */
    @Test
    void whatAStartDidWithLegsIsReportedBeforeItAndWhetherWritesAreTakenAfterIt() {
        aWriteOnTheLastOneAlone(3);
        MirrorDevice mirror = get(MirrorDevice.open(again(0, 1, 2), two().build()));
        pass(Duration.ofMinutes(1));
        events.clear(); // of before
        mirror.events().subscribe(events::add);
        List<Kind> before = kinds().subList(0, kinds().indexOf(Kind.STARTED));
        assertThat(before).contains(Kind.LEG_JOINED).doesNotContain(Kind.READ_ONLY, Kind.WRITABLE);
        assertThat(kinds()).containsOnlyOnce(Kind.STARTED);
        List<Kind> writability = List.of(Kind.READ_ONLY, Kind.WRITABLE);
        assertThat(kinds()).filteredOn(writability::contains).containsExactlyElementsOf(writability);
    }

    /** Of three legs two fail a write, and the machine goes. */
    private static List<byte[]> imagesOfAWriteOnTheLastOneAlone(StepModel model, boolean marks) {
        try (StepWorld world = new StepWorld(model, marks)) {
            IntStream.range(0, 3).forEach(i -> world.disk("disk-" + i, StepWorld.blank()));
            world.start(MirrorDevice.create(
                    StepWorld.devices(world.disks),
                    world.options().legsMin(2).equalAlready(true).build()));
            world.fails =
                    op -> op.disk() != world.disks.get(2) && op.op().kind().changes() ? Errno.EIO : null;
            world.writes = true;
            world.run(() -> model.count() > 0, Duration.ofMinutes(1));
            world.writes = false;
            world.run(() -> !world.isWriting(), Duration.ofMinutes(1));
            return world.goes(StepDisk.Loss.NOTHING, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStartThatIsCancelledWhileItBringsLegsInLeavesNothing(boolean marks) {
        StepModel model = new StepModel(StepWorld.DATA);
        List<byte[]> images = imagesOfAWriteOnTheLastOneAlone(model, marks);
        boolean cancelled = true;
        for (int at = 1; cancelled; at++) {
            int when = at;
            try (StepWorld world = new StepWorld(model.copy(), marks)) {
                IntStream.range(0, 3).forEach(i -> world.disk("disk-" + i, images.get(i)));
                StepWorld.Told told = world.ask(MirrorDevice.open(
                        StepWorld.devices(world.disks), world.options().build()));
                boolean[] fell = {false};
                world.beforeStep = step -> {
                    if (step == when && !told.isOver()) {
                        fell[0] = true;
                        Objects.requireNonNull(told.subscription).dispose();
                    }
                };
                world.run(told::isOver, Duration.ofSeconds(20));
                cancelled = fell[0];
                int steps = world.steps();
                world.pass(Duration.ofSeconds(20));
                assertThat(!cancelled || world.steps() == steps)
                        .as("cancelled at %s", at)
                        .isTrue();
                if (cancelled) {
                    StepWorld.Told again = world.ask(MirrorDevice.open(
                            StepWorld.devices(world.disks), world.options().build()));
                    assertThat(world.run(again::isOver, Duration.ofSeconds(2)))
                            .as("next after %s", at)
                            .isTrue();
                    assertThat(again.isGood())
                            .as("next after %s: %s", at, again)
                            .isTrue();
                }
            }
        }
    }
}
