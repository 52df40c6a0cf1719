package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A mirror of small disks that a history happens to, and what its chunks may hold: the first sector of each stands for it. */
final class SmallWorld implements AutoCloseable {

    static final int CHUNK = 8;

    final SmallSetup setup;
    final List<SmallDisk> disks = new ArrayList<>();
    final SmallModel model;
    final SmallLine line;
    final BitSet strange; // is another disk, and was not brought up to date since
    final BitSet gone; // was removed
    final List<SmallSectors> older; // what was on the disks when the mirror had been made

    @Nullable
    MirrorDevice mirror;

    private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    private @Nullable Runnable starting;
    private @Nullable String refused; // the last start that was
    private @Nullable List<SmallCut> cuts; // null while nobody asks for them
    private int changes; // writes and flushes since somebody has
    private long ids;

    /** A mirror that was just made. */
    SmallWorld(SmallSetup setup) {
        this(SmallImage.blank(setup.legs(), setup.chunks()), setup);
        start(MirrorDevice.create(
                disks.stream().map(SmallDisk::device).toList(), options().build()));
        pass(1_000);
        disks.forEach(disk -> older.add(disk.cached().copy()));
    }

    /** As it was when no mirror ran. */
    SmallWorld(SmallImage image, SmallSetup setup) {
        this.setup = setup;
        strange = (BitSet) image.strange().clone();
        gone = (BitSet) image.gone().clone();
        model = image.model().copy();
        older = image.older();
        ids = image.ids();
        line = new SmallLine(clock.createWorker(), this::beforeChange);
        for (int i = 0; i < image.disks().size(); i++) {
            disks.add(new SmallDisk("disk-" + i, image.disks().get(i), line));
        }
    }

    boolean isUp() {
        return mirror != null;
    }

    long ids() {
        return ids;
    }

    List<SmallEvent> possible() {
        return SmallEvent.all(disks.size(), model.chunks()).stream()
                .filter(this::can)
                .toList();
    }

    /** Whether it can happen now, and is no more than a mirror has to bear. */
    private boolean can(SmallEvent event) {
        int leg = event.leg();
        return switch (event.kind()) {
            case WRITE, FORCE, FLUSH, PASS -> mirror != null;
            case FAIL -> !disks.get(leg).fails();
            case HEAL -> disks.get(leg).fails();
            case BLANK, OLDER ->
                disks.get(leg).fails() && mirror != null && look().isOut(leg) && look().anotherIsWhole(leg);
            case CUT -> mirror != null || disks.stream().anyMatch(SmallDisk::isDirty);
            case START -> mirror == null && mayStart(leg);
            case DEGRADED ->
                mirror == null
                        && mayStart(leg)
                        && places(leg).noneMatch(i -> disks.get(i).fails());
            case TRUST ->
                mirror == null
                        && !strange.get(leg)
                        && !gone.get(leg)
                        && disks.get(leg).isReadable(model.chunks() * CHUNK);
            case REMOVE -> mirror != null && !gone.get(leg) && look().indexOf(leg) >= 0;
            case ADD -> mirror != null && gone.get(leg) && !disks.get(leg).fails();
        };
    }

    /** Lets it happen as {@link #happens}, and tells in which ways the power could have gone within it. */
    List<SmallCut> cuts(SmallEvent event) {
        List<SmallCut> all = new ArrayList<>();
        cuts = all;
        happens(event);
        cuts = null;
        return all;
    }

    /** Lets it happen, all of it; throws if what must hold does not. */
    void happens(SmallEvent event) {
        int leg = event.leg();
        SmallDisk.count(disks, event.failure());
        switch (event.kind()) {
            case WRITE -> write(leg, false);
            case FORCE -> write(leg, true);
            case FLUSH -> told(new BlockOp.Flush(), model::isFlushed);
            case FAIL -> disks.get(leg).fails(true);
            case HEAL -> disks.get(leg).fails(false);
            case BLANK -> exchange(leg, disks.get(leg).cached().blank());
            case OLDER -> exchange(leg, older.get(leg));
            case PASS -> pass(2_000);
            case CUT -> beforeChange();
            case START -> startWith(leg, options());
            case DEGRADED -> startWithout(leg);
            case TRUST -> trust(leg);
            case REMOVE -> remove(leg);
            case ADD -> add(leg);
        }
        pass(1);
        disks.forEach(SmallDisk::countsNoMore);
        if (mirror != null) {
            SmallLook look = look();
            IntStream.of(strange.stream().toArray()).filter(look::isWhole).forEach(strange::clear);
        }
    }

    /** With every leg up, the mirror comes into sync, and its legs are equal. */
    void settle() {
        disks.forEach(disk -> disk.fails(false));
        if (mirror == null) {
            startWith(places(-1).filter(i -> !gone.get(i)).map(i -> 1 << i).sum(), options());
        }
        if (mirror == null) {
            boolean isUnread = disks.stream().anyMatch(disk -> !disk.durable().saysWhoItIs());
            boolean isAsked = isUnread || !strange.isEmpty() || !gone.isEmpty(); // an operator decides
            require(
                    isAsked || model.isTold(),
                    "does not start though all legs are there, and are what they were: " + refused);
            return;
        }
        pass(30_000);
        MirrorStatus status = status();
        if (new SmallLook(status).isEachKnown() && !status.isInSync()) {
            throw new AssertionError("not in sync though all legs are up: " + status);
        }
        SmallSectors data = null;
        for (int i = 0; i < disks.size(); i++) {
            if (look().isWhole(i)) {
                SmallSectors its = disks.get(i).cached();
                require(data == null || its.isSame(data, model.chunks()), "legs differ though they are in sync");
                data = its;
            }
        }
        readAll();
    }

    MirrorStatus status() {
        List<MirrorStatus> told = new ArrayList<>();
        up().status().subscribe(told::add);
        return told.get(0);
    }

    @Override
    public void close() {
        disks.forEach(SmallDisk::forgets);
        if (starting != null) {
            starting.run();
        }
        clock.dispose();
    }

    private void beforeChange() {
        List<SmallCut> all = cuts;
        if (all != null) {
            all.addAll(SmallCut.now(this, ++changes));
        }
    }

    private MirrorOptions.Builder options() {
        return setup.options(clock).settings(small -> {
            small.ids = () -> new UUID(++ids, ids);
            small.made = crash -> starting = crash;
        });
    }

    // Nobody could tell that only legs put back to an older state, or given up, are there.
    private boolean mayStart(int mask) {
        return places(mask).noneMatch(gone::get) && !places(mask).allMatch(strange::get);
    }

    private IntStream places(int mask) {
        return IntStream.range(0, disks.size()).filter(i -> (mask >> i & 1) != 0);
    }

    private void startWith(int mask, MirrorOptions.Builder how) {
        List<BlockDevice> these =
                places(mask).mapToObj(i -> disks.get(i).device()).toList();
        start(MirrorDevice.open(these, how.build()));
        readAll();
    }

    // What those that are left out have is lost, and they cannot be told.
    private void startWithout(int mask) {
        model.trusts();
        places(~mask).filter(i -> !gone.get(i)).forEach(strange::set);
        startWith(mask, options().degraded(true));
    }

    private void trust(int leg) {
        model.trusts();
        List<BlockDevice> these = new ArrayList<>();
        int place = 0;
        for (int i = 0; i < disks.size(); i++) {
            place = i == leg ? these.size() : place;
            strange.set(i, strange.get(i) || (i != leg && disks.get(i).fails())); // cannot be told that it is given up
            if (!gone.get(i)) {
                these.add(disks.get(i).device());
            }
        }
        start(MirrorDevice.open(these, options().trust(place).build()));
        readAll();
    }

    private void start(Mono<MirrorDevice> opened) {
        opened.subscribe(started -> mirror = started, why -> refused = why.getMessage());
        pass(100);
    }

    private void write(int chunk, boolean forced) {
        int content = model.begins(chunk);
        ByteBuf bytes = Unpooled.buffer(Sectors.BYTES).writeZero(Sectors.BYTES).setInt(0, content);
        told(new BlockOp.Write((long) chunk * CHUNK, bytes, forced), () -> model.isDone(chunk, content, forced));
    }

    private void readAll() {
        for (int i = 0; i < model.chunks() && mirror != null; i++) {
            int chunk = i;
            String may = ", and may hold " + model.now(chunk);
            boolean[] isWrong = {false};
            ByteBuf into = Unpooled.buffer(Sectors.BYTES).writeZero(Sectors.BYTES);
            told(new BlockOp.Read((long) chunk * CHUNK, into), () -> isWrong[0] = !model.finds(chunk, into.getInt(0)));
            require(!isWrong[0], "chunk " + chunk + " holds " + into.getInt(0) + may);
        }
    }

    private void told(BlockOp op, Runnable done) {
        up().submit(op).subscribe(never -> {}, failed -> {}, done);
        pass(100);
    }

    private void remove(int leg) {
        gone.set(leg, true); // whatever comes of it, it is not needed any more
        up().remove(look().indexOf(leg)).subscribe(never -> {}, stays -> gone.set(leg, false));
        pass(100);
    }

    private void add(int leg) {
        exchange(leg, disks.get(leg).cached().blank());
        strange.set(leg, false);
        up().add(disks.get(leg).device()).subscribe(index -> gone.set(leg, false), refused -> {});
        pass(100);
    }

    private void exchange(int leg, SmallSectors image) {
        strange.set(leg, true);
        disks.get(leg).exchange(image);
    }

    private MirrorDevice up() {
        return Objects.requireNonNull(mirror);
    }

    private SmallLook look() {
        return new SmallLook(status());
    }

    private void pass(int millis) {
        clock.advanceTimeBy(Duration.ofMillis(millis));
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
