package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.ForwardingDevice;
import io.dmio.testkit.Patterns;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Walks of users of a mirror of which several legs may lag behind, while legs fail, come and go: no operation fails for which there were enough
 * legs that did not fail anything, everybody is answered, and legs end equal. {@code -Dlag.first} and {@code -Dlag.count} say which walks are
 * tried.
 */
class LagWalkTest extends MirrorFixture {

    private static final long FIRST = Long.getLong("lag.first", 26);
    private static final int COUNT = Integer.getInteger("lag.count", 12);
    private static final int ACTIONS = 80;
    private static final int PLACES = 12; // of 8 sectors each, in three chunks
    private static final int DISKS_MAX = 9;
    private static final String AS_THE_WALK_SAYS = "as the walk says";

    private final List<Held> held = new ArrayList<>();
    private final List<User> users = new ArrayList<>();
    private final List<String> story = new ArrayList<>();
    private final int[] newest = new int[PLACES]; // by place: the last write that was answered
    private final int[] failing = new int[DISKS_MAX]; // by disk: how many of its changes and flushes are to fail
    private final int[] failed = new int[DISKS_MAX]; // by disk: how many have
    private final Set<Integer> ill = new HashSet<>(); // disks that failed something and have not come into sync since
    private SplittableRandom chance = new SplittableRandom(0);
    private @Nullable MirrorDevice walked;
    private @Nullable String wrong;
    private boolean holds;
    private int writes;
    private int least;

    /** A change that a leg has not begun. */
    private record Held(int disk, Sinks.Empty<Void> turn) {}

    /** Who asked for something. */
    private final class User {
        private final String what;
        private final List<Integer> well = wellLegs();
        private final int[] before = failed.clone();
        private @Nullable Disposable asked;
        private boolean left;
        private boolean over;

        User(String what) {
            this.what = what;
            story.add(what);
            users.add(this);
        }

        void ask(Mono<?> mono, Runnable good) {
            asked = mono.doOnTerminate(() -> over = true)
                    .subscribe(value -> {}, why -> story.add(what + " fails: " + why.getMessage()), good);
        }

        void submit(BlockOp op, Runnable good) {
            ask(mirror().submit(op).doOnError(why -> look("" + why.getMessage())), good);
        }

        // A flush may also tell of what an earlier one lost.
        private void look(String why) {
            List<Integer> there = there();
            long good = well.stream()
                    .filter(disk -> failed[disk] == before[disk] && there.contains(disk))
                    .count();
            boolean excused = good < least
                    || why.contains("may go on by themselves")
                    || (what.equals("flush") && why.contains(AS_THE_WALK_SAYS));
            wrong = excused || wrong != null ? wrong : what + " failed: " + why;
        }
    }

    private MirrorDevice mirror() {
        return Objects.requireNonNull(walked);
    }

    private BlockDevice disk(int number) {
        return new ForwardingDevice(leg("disk-" + number)) {
            @Override
            public Mono<Void> submit(BlockOp op) {
                if (op.kind() == BlockOp.Kind.READ) {
                    return super.submit(op);
                }
                Mono<Void> done = Mono.defer(() -> fails(number) ? Mono.error(failure(op)) : behind().submit(op));
                if (!holds || op.kind() == BlockOp.Kind.FLUSH || op.sector() >= DATA || chance.nextInt(4) == 0) {
                    return done;
                }
                Sinks.Empty<Void> turn = Sinks.empty();
                held.add(new Held(number, turn));
                return turn.asMono().then(done);
            }

            private DeviceException failure(BlockOp op) {
                return DeviceException.of(Errno.EIO, info().name(), op, AS_THE_WALK_SAYS);
            }
        };
    }

    private boolean fails(int disk) {
        if (failing[disk] == 0) {
            return false;
        }
        failing[disk]--;
        failed[disk]++;
        ill.add(disk);
        return true;
    }

    private static int number(String name) {
        return name.charAt(name.indexOf("disk-") + 5) - '0';
    }

    private List<Integer> wellLegs() {
        return status(mirror()).legs().stream()
                .filter(leg -> leg.state() == LegState.IN_SYNC)
                .map(leg -> number(leg.name()))
                .filter(disk -> !ill.contains(disk))
                .toList();
    }

    private List<Integer> there() {
        Roster roster = mirror().mirror().roster();
        return roster.present().stream()
                .filter(leg -> !roster.isLeaving(leg.index))
                .map(leg -> number(leg.name()))
                .toList();
    }

    private void begins(long seed) {
        chance = new SplittableRandom(seed);
        int count = chance.nextInt(2, 6);
        least = chance.nextInt(3) == 0 ? 2 : 1;
        int[] behind =
                IntStream.range(0, count).filter(i -> chance.nextInt(3) > 0).toArray();
        story.add(count + " legs, legsMin " + least + ", behind " + Arrays.toString(behind));
        walked = get(MirrorDevice.create(
                IntStream.range(0, count).mapToObj(this::disk).toList(),
                options()
                        .equalAlready(true)
                        .legsMin(least)
                        .probeAfter(Duration.ofMillis(20), Duration.ofMillis(100))
                        .writeMostly(behind)
                        .writeBehindSectors(chance.nextInt(2, 7) * 8L)
                        .build()));
        mirror().events()
                .filter(event -> event.kind() == MirrorEvent.Kind.LEG_IN_SYNC)
                .subscribe(event -> ill.remove(number(event.message())));
        for (int place = 0; place < PLACES; place++) {
            newest[place] = ++writes;
            write(mirror(), sector(place), 8, writes);
        }
        holds = true;
    }

    private static long sector(int place) {
        return place * 24L;
    }

    private void acts() {
        switch (chance.nextInt(13)) {
            case 0, 1, 2, 3 -> writes();
            case 4, 5, 6, 7 -> answers();
            case 8 -> new User("flush").submit(new BlockOp.Flush(), () -> {});
            case 9, 10 -> {
                int disk = chance.nextInt(disks.size());
                story.add("disk-" + disk + " is to fail");
                failing[disk] = chance.nextInt(1, 3);
            }
            case 11 -> leaves();
            default -> changes(chance.nextInt(5));
        }
        pass(Duration.ofMillis(chance.nextInt(8) == 0 ? chance.nextInt(60) : 0));
    }

    private void writes() {
        int place = chance.nextInt(PLACES);
        int version = ++writes;
        boolean forced = chance.nextInt(4) == 0;
        byte[] bytes = Patterns.bytes(sector(place), 8, version);
        new User("write " + version + " at " + place + (forced ? ", forced" : ""))
                .submit(
                        new BlockOp.Write(sector(place), Unpooled.wrappedBuffer(bytes), forced),
                        () -> newest[place] = version);
    }

    private void answers() {
        if (!held.isEmpty()) {
            Held one = held.remove(chance.nextInt(held.size()));
            story.add("disk-" + one.disk + " goes on");
            one.turn.tryEmitEmpty().orThrow();
        }
    }

    private void leaves() {
        List<User> waiting =
                users.stream().filter(user -> !user.over && !user.left).toList();
        if (!waiting.isEmpty()) {
            User user = waiting.get(chance.nextInt(waiting.size()));
            story.add("nobody waits for " + user.what);
            user.left = true;
            Objects.requireNonNull(user.asked).dispose();
        }
    }

    // What a leg that is to go has done does not count any more.
    private void changes(int index) {
        Leg leg = mirror().mirror().roster().leg(index);
        int which = disks.size() == DISKS_MAX ? chance.nextInt(2) : chance.nextInt(4);
        if (leg != null && which != 3) {
            failed[number(leg.name())]++;
        }
        User user = new User(List.of("remove ", "split ", "replace ", "add ").get(which) + index);
        Mono<?> change = switch (which) {
            case 0 -> mirror().remove(index);
            case 1 -> mirror().split(index);
            case 2 -> mirror().replace(index, disk(disks.size()));
            default -> mirror().add(disk(disks.size()));
        };
        user.ask(change, () -> story.add(user.what + " is done"));
    }

    private void ends() {
        holds = false;
        Arrays.fill(failing, 0);
        boolean closes = chance.nextInt(4) == 0;
        if (closes) {
            new User("close").ask(mirror().close(), () -> {});
        }
        while (!held.isEmpty()) {
            answers();
        }
        pass(Duration.ofSeconds(30));
        assertThat(wrong).isNull();
        assertThat(users).allMatch(user -> user.over || user.left);
        if (!closes) {
            assertThat(mirror().mirror().runtime().held()).isZero();
            assertThat(status(mirror()).legs())
                    .allMatch(leg -> leg.state() == LegState.IN_SYNC && leg.lagSectors() == 0);
            IntStream.range(0, PLACES).forEach(this::isRight);
            mirror().close().onErrorComplete().block(); // it may tell of a loss
        }
    }

    private void isRight(int place) {
        byte[] found = read(mirror(), sector(place), 8);
        assertThat(IntStream.rangeClosed(newest[place], writes))
                .anyMatch(version -> Arrays.equals(found, Patterns.bytes(sector(place), 8, version)));
        for (LegStatus leg : status(mirror()).legs()) {
            assertThat(disks.get(number(leg.name())).snapshot(sector(place), 8)).isEqualTo(found);
        }
    }

    private void forget() {
        List.of(held, users, story, disks, legs).forEach(List::clear);
        Arrays.fill(failed, 0);
        ill.clear();
        writes = 0;
    }

    @Test
    void whoeverFailsLagsBehindOrLeavesEverybodyIsAnsweredAndNothingIsLost() {
        for (long seed = FIRST; seed < FIRST + COUNT; seed++) {
            try {
                begins(seed);
                IntStream.range(0, ACTIONS).forEach(action -> acts());
                ends();
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("walk " + seed + ": " + story + ": " + failure.getMessage(), failure);
            }
            forget();
        }
    }
}
