package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.harness.DropsErrors;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** Those who ask a mirror for something: they throw when they are told, leave, ask twice at once, or come too late. */
class MirrorCallersTest extends MirrorFixture {

    /** Asks for what it gets, and throws whenever it is told. */
    private record Rude<T>(Error thrown) implements CoreSubscriber<T> {
        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(T value) {
            throw thrown;
        }

        @Override
        public void onError(Throwable failure) {
            throw thrown;
        }

        @Override
        public void onComplete() {
            throw thrown;
        }
    }

    private Map<String, Function<MirrorDevice, Mono<?>>> changes(FaultyDevice fresh) {
        Map<String, Function<MirrorDevice, Mono<?>>> all = new LinkedHashMap<>();
        all.put("resync", MirrorDevice::resync);
        all.put("scrub", mirror -> mirror.scrub(ScrubMode.CHECK));
        all.put("extents", mirror -> mirror.extents(0, 8));
        all.put("write", mirror -> mirror.submit(writeOf(0, 8, 1)));
        all.put("read", mirror -> mirror.submit(new BlockOp.Read(0, Unpooled.buffer(512))));
        all.put("flush", mirror -> mirror.submit(new BlockOp.Flush()));
        all.put("add", mirror -> mirror.add(fresh));
        all.put("replace", mirror -> mirror.replace(2, fresh));
        all.put("split", mirror -> mirror.split(1));
        all.put("remove", mirror -> mirror.remove(1));
        return all;
    }

    @DropsErrors("a subscriber must not throw")
    @Test
    void whoeverThrowsWhenToldHarmsNobodyElse() {
        for (Error thrown : List.of(new AssertionError("rude"), new NoClassDefFoundError("rude"))) {
            disks.clear();
            legs.clear();
            MirrorDevice mirror = create(4);
            Map<String, Function<MirrorDevice, Mono<?>>> asked = changes(leg("fresh"));
            asked.put("status", MirrorDevice::status);
            asked.put("chunks", any -> any.chunks(0, 8));
            asked.put("none to remove", any -> any.remove(9));
            asked.put("none to split", any -> any.split(9));
            asked.put("none to replace", any -> any.replace(9, legs.get(0)));
            asked.forEach((name, ask) -> {
                rudely(() -> ask.apply(mirror).subscribe(new Rude<>(thrown)));
                pass(Duration.ofSeconds(10));
                assertThat(kinds()).as(name).doesNotContain(MirrorEvent.Kind.BROKEN);
            });
            write(mirror, 0, 8, 2);
            rudely(() -> mirror.close().subscribe(new Rude<>(thrown)));
            get(mirror.close());
        }
    }

    // What is thrown in an answer on this very thread may come out here.
    private static void rudely(Runnable ask) {
        try {
            ask.run();
        } catch (AssertionError | NoClassDefFoundError rude) {
            assertThat(rude).hasMessage("rude");
        }
    }

    @Test
    void aListenerThatThrowsKeepsNoEventFromTheOthers() {
        MirrorDevice mirror = create(2);
        List<MirrorEvent> heard = new ArrayList<>();
        mirror.events().subscribe(new Rude<>(new NoClassDefFoundError("rude")));
        CompletableFuture<Void> ended =
                mirror.events().doOnNext(heard::add).then().toFuture();
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(mirror, 0, 8, 1);
        assertThat(heard)
                .extracting(MirrorEvent::kind)
                .containsExactly(MirrorEvent.Kind.STARTED, MirrorEvent.Kind.LEG_FAILED);
        get(mirror.close());
        assertThat(ended).isCompleted();
    }

    @Test
    void whoLeavesAResyncIsForgotten() {
        MirrorDevice mirror = create(2);
        legs.get(1).plan(Fault.errno(Errno.EIO));
        write(mirror, 0, 8, 1);
        CompletableFuture<Void> stays = mirror.resync().toFuture();
        for (int i = 0; i < 10; i++) {
            mirror.resync().subscribe().dispose();
        }
        assertThat(mirror.mirror().resync().waiting()).isEqualTo(1);
        get(mirror.close());
        assertThat(stays).isCompletedExceptionally();
    }

    @Test
    void anAddThatIsCancelledGoesOn() {
        MirrorDevice mirror = create(2);
        FaultyDevice fresh = leg("fresh");
        fresh.stall();
        mirror.add(fresh).subscribe().dispose();
        fresh.release();
        pass(Duration.ofSeconds(5));
        assertThat(status(mirror).line()).isEqualTo("3 disk-0 disk-1 fresh 64/64 1 AAA 1 core");
    }

    @Test
    void aDeviceThatIsBeingAddedIsNotAddedASecondTime() {
        MirrorDevice mirror = create(2);
        FaultyDevice fresh = leg("fresh");
        fresh.plan(Fault.delayed(Duration.ofSeconds(2)).on(BlockOp.Kind.READ).nth(4));
        CompletableFuture<Integer> one = mirror.add(fresh).toFuture();
        CompletableFuture<Integer> other = mirror.add(fresh).toFuture();
        pass(Duration.ofSeconds(10));
        assertThat(one).isCompletedWithValue(2);
        assertThat(other).isCompletedExceptionally();
        MirrorStatus onTheLeg = get(MirrorStatus.inspect(List.of(disks.get(2))));
        assertThat(onTheLeg.legs()).hasSize(3);
        assertThat(get(mirror.add(leg("next")))).isEqualTo(3);
    }

    @Test
    void whatIsAskedAfterACloseIsRefusedAndWritesNothing() {
        for (OwnerOptions marks : List.of(OwnerOptions.off(), OwnerOptions.defaults())) {
            disks.clear();
            legs.clear();
            MirrorDevice created = create(3, options().equalAlready(true).owner(marks));
            get(created.close());
            MirrorDevice mirror = open(options().owner(marks), 0, 1, 2); // on disks that stay open
            get(mirror.close());
            FaultyDevice fresh = leg("fresh");
            List<String> before = contents();
            changes(fresh).forEach((name, ask) -> refused(ask.apply(mirror), Errno.ESHUTDOWN, "closed"));
            assertThat(contents()).isEqualTo(before);
            assertThat(status(mirror).isInSync()).isTrue();
        }
    }

    private List<String> contents() {
        return disks.stream()
                .map(disk -> disk.sha256(0, disk.info().sectorCount()))
                .toList();
    }

    @Test
    void anAddThatACloseOvertakesIsRefusedAndItsDeviceKeepsWhatItHolds() {
        MirrorDevice mirror = create(2);
        FaultyDevice fresh = leg("fresh");
        String before = disks.get(2).sha256(0, DATA + METADATA);
        fresh.stall();
        CompletableFuture<Integer> add = mirror.add(fresh).toFuture();
        get(mirror.close());
        fresh.release();
        pass(Duration.ofSeconds(1));
        assertThat(catchThrowable(add::join)).hasMessageContaining("is closed");
        assertThat(disks.get(2).sha256(0, DATA + METADATA)).isEqualTo(before);
    }

    @Test
    void everybodyIsToldWhoHasTakenTheMirror() {
        MirrorDevice first = create(3, options().equalAlready(true).owner(OwnerOptions.defaults()));
        legs.get(2).plan(Fault.errno(Errno.EIO));
        write(first, 0, 8, 1);
        CompletableFuture<Void> resync = first.resync().toFuture();
        first.pause();
        CompletableFuture<ScrubReport> scrub = first.scrub(ScrubMode.CHECK).toFuture();
        get(MirrorDevice.open(
                again(0, 1),
                options().owner(OwnerOptions.defaults().withTakeover()).build()));
        first.resume();
        pass(Duration.ofSeconds(2));
        for (CompletableFuture<?> waited : List.of(resync, scrub)) {
            assertThat(waited).isCompletedExceptionally();
            assertThat(catchThrowable(waited::join))
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            DeviceException.class,
                            lost -> assertThat(lost.errno()).isEqualTo(Errno.EBUSY));
        }
        changes(leg("fresh")).forEach((name, ask) -> refused(ask.apply(first), Errno.EBUSY, "process"));
        assertThat(status(first).lastEvents()).extracting(MirrorEvent::kind).contains(MirrorEvent.Kind.OWNER_LOST);
        CompletableFuture<Void> close = first.close().toFuture();
        pass(Duration.ofMinutes(1));
        assertThat(close).isDone();
    }

    @Test
    void aStartThatIsCancelledBeforeAnybodyAskedForItClosesItsLegs() {
        leg("one");
        MirrorDevice.create(legs, options().build()).subscribe(new CoreSubscriber<MirrorDevice>() {
            @Override
            public void onSubscribe(Subscription subscription) {
                subscription.cancel();
            }

            @Override
            public void onNext(MirrorDevice mirror) {}

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onComplete() {}
        });
        pass(Duration.ofSeconds(1));
        BlockDevice closed = legs.get(0);
        refused(closed.submit(new BlockOp.Flush()), Errno.ESHUTDOWN, "closed");
    }
}
