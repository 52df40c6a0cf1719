package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.ForwardingDevice;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.disk.LegLayout;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;

/** Owners on the same disks. Whatever one of them hands to a leg, and at each step of the clock, it is looked whether two act. */
abstract class TakeoverFixture extends OwnerFixture {

    static final long MARK = LegLayout.ownerSector(DATA + METADATA);
    static final Duration STEP = Duration.ofMillis(10);
    static final Duration WATCH = LEASE.plusSeconds(1);

    final List<Party> parties = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();
    private final Random ids = new Random(1); // a claim that begins anew waits for a time that differs

    static UnaryOperator<MirrorOptions.Builder> takingOver() {
        return options -> options.owner(OwnerOptions.defaults().withTakeover());
    }

    static UnaryOperator<MirrorOptions.Builder> takingOver(Duration interval, int patience) {
        return options -> options.owner(
                OwnerOptions.defaults().withBeat(interval, patience).withTakeover());
    }

    static UnaryOperator<MirrorOptions.Builder> asUsual() {
        return options -> options;
    }

    /** One who may own the disks, on a machine of its own. */
    final class Party {
        final String host;
        final List<FaultyDevice> faulty = new ArrayList<>();
        final List<BlockDevice> devices = new ArrayList<>();
        private final List<ByteBuf> memory = new ArrayList<>();
        private CompletableFuture<MirrorDevice> started = new CompletableFuture<>();
        private final BaseSubscriber<MirrorDevice> start = new BaseSubscriber<>() {
            @Override
            protected void hookOnNext(MirrorDevice mirror) {
                started.complete(mirror);
            }

            @Override
            protected void hookOnError(Throwable why) {
                started.completeExceptionally(why);
            }
        };
        private int cancelAt;
        private boolean changed; // more than marks
        private boolean over; // as another has changed something since
        int closed;
        int ops;

        private Party(String host, int... which) {
            this.host = host;
            for (int i : which) {
                FaultyDevice leg = FaultyDevice.of(new Kept(disks.get(i)), FaultPlan.none(), () -> clock);
                faulty.add(leg);
                devices.add(new Heard(leg, this));
            }
        }

        Party plan(FaultPlan plan) {
            faulty.forEach(leg -> leg.plan(plan));
            return this;
        }

        /** Cancels the start within the operation of that number; never for 0. */
        Party cancelledAt(int op) {
            cancelAt = op;
            return this;
        }

        Party opens(UnaryOperator<MirrorOptions.Builder> how) {
            return starts(how, options -> MirrorDevice.open(devices, options));
        }

        Party creates(UnaryOperator<MirrorOptions.Builder> how) {
            return starts(how, options -> MirrorDevice.create(devices, options));
        }

        private Party starts(
                UnaryOperator<MirrorOptions.Builder> how, Function<MirrorOptions, Mono<MirrorDevice>> starting) {
            MirrorOptions options = how.apply(on(host, parties.indexOf(this) + 1L))
                    .settings(small -> small.ids = () -> new UUID(ids.nextLong(), ids.nextLong()))
                    .build();
            starting.apply(options).subscribe(start);
            return this;
        }

        void cancel() {
            start.dispose();
        }

        boolean isDone() {
            return started.isDone();
        }

        boolean owns() {
            return started.isDone() && !started.isCompletedExceptionally();
        }

        Party pause() {
            OwnerFixture.pause(mirror());
            return this;
        }

        void goOn() {
            OwnerFixture.goOn(mirror());
        }

        boolean mayAct() {
            return owns() && mirror().mirror().owner().mayAct();
        }

        boolean isLost() {
            return owns() && mirror().mirror().runtime().lost() != null;
        }

        MirrorDevice mirror() {
            return started.join();
        }

        DeviceException refusal() {
            assertThat(started).isCompletedExceptionally();
            try {
                throw new AssertionError("owns: " + started.join());
            } catch (CompletionException refused) {
                return (DeviceException) Objects.requireNonNull(refused.getCause());
            }
        }

        void close() {
            if (owns()) {
                mirror().close().subscribe(none -> {}, failed -> {});
            }
        }

        private void does(BlockOp op) {
            ops++;
            if (ops == cancelAt) {
                cancel();
            }
            if (op instanceof BlockOp.Read read) {
                memory.add(read.into());
            } else if (op instanceof BlockOp.Write write) {
                memory.add(write.from());
                changes(write);
            }
        }

        private void changes(BlockOp.Write write) {
            if (write.sector() == MARK) {
                return;
            }
            if (over) {
                wrong.add(host + " writes after another");
            }
            changed = true;
            for (Party other : parties) {
                if (other != this) {
                    other.over |= other.changed;
                    if (other.mayAct()) {
                        wrong.add(host + " writes while " + other.host + " acts");
                    }
                }
            }
        }
    }

    /** Tells whose leg it is what it is asked for. */
    private static final class Heard extends ForwardingDevice {
        private final Party party;

        Heard(FaultyDevice behind, Party party) {
            super(behind);
            this.party = party;
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            return Mono.defer(() -> {
                party.does(op);
                return behind().submit(op);
            });
        }

        @Override
        public Mono<Void> close() {
            return Mono.defer(() -> {
                party.closed++;
                return behind().close();
            });
        }
    }

    final void disks(int count) {
        parties.clear();
        disks.clear();
        IntStream.range(0, count).forEach(i -> disks.add(MemoryDevice.of("disk-" + i, DATA + METADATA)));
    }

    final Party party(String host, int... which) {
        Party party = new Party(host, which);
        parties.add(party);
        return party;
    }

    /** On two new disks, which it has in sync. */
    final Party owner() {
        return owner(OwnerOptions.defaults());
    }

    final Party owner(OwnerOptions how) {
        disks(2);
        Party first = party("alpha", 0, 1)
                .creates(options -> options.equalAlready(true).owner(how));
        passChecked(Duration.ofSeconds(5));
        assertThat(first.mayAct()).isTrue();
        return first;
    }

    /** Lets time pass; at no step two act. */
    final void passChecked(Duration time) {
        for (long millis = 0; millis < time.toMillis(); millis += STEP.toMillis()) {
            pass(STEP);
            check();
        }
    }

    /** Lets time pass until they have ended, in a time in which any start does. */
    final void untilDone(Party... these) {
        for (int i = 0; i < 30_000 && !List.of(these).stream().allMatch(Party::isDone); i++) {
            pass(STEP);
            check();
        }
        for (Party one : these) {
            assertThat(one.isDone()).as(one.host).isTrue();
        }
    }

    final void check() {
        List<String> acting =
                parties.stream().filter(Party::mayAct).map(one -> one.host).toList();
        if (acting.size() > 1) {
            wrong.add(acting + " act");
        }
        assertThat(wrong).isEmpty();
    }

    /** Closes all; then nothing is left of any of them. */
    final void nothingIsLeft() {
        parties.forEach(one -> one.plan(FaultPlan.none()));
        parties.forEach(one -> one.faulty.forEach(FaultyDevice::release));
        parties.forEach(Party::close);
        pass(Duration.ofMinutes(2));
        check();
        int ops = parties.stream().mapToInt(one -> one.ops).sum();
        long timers = clock.getScheduledTaskCount();
        pass(Duration.ofMinutes(10));
        assertThat(parties.stream().mapToInt(one -> one.ops).sum()).isEqualTo(ops);
        assertThat(clock.getScheduledTaskCount()).isEqualTo(timers);
        for (Party one : parties) {
            assertThat(one.memory).as(one.host).allMatch(memory -> memory.refCnt() == 0);
            assertThat(one.closed)
                    .as(one.host)
                    .isEqualTo(one.started.isCompletedExceptionally() ? 0 : one.devices.size());
        }
    }
}
