package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Who reads, writes and flushes on the simulated machine, and checks each answer against the model. */
abstract class SimulatedUsers extends SimulatedBoots {

    private static final int IN_FLIGHT_MAX = 12;

    final List<Op> inFlight = new ArrayList<>();

    private final List<ByteBuf> held = new ArrayList<>(); // by a leg that had not answered
    private final List<Op> outdated = new ArrayList<>(); // of a machine that is not the owner any more

    boolean isFenced; // cut off from the disks, and another machine has them
    private int contents;
    private int streamAt;

    SimulatedUsers(long seed, Set<Rule> broken) {
        super(seed, broken);
    }

    @Override
    final void forgetUsers() {
        forgetOthers();
        for (Op op : inFlight) {
            require(mayBeHeld(op) || op.memory.refCnt() == 1, "memory is held after a crash");
            released(op.memory);
        }
        inFlight.clear();
        held.clear(); // by operations that no machine will ever answer
    }

    /** Machines that are not the owner any more are gone, too. */
    abstract void forgetOthers();

    /** From now on another machine is the owner: what is in flight is told to be done by nobody. */
    final void outdate() {
        outdated.addAll(inFlight);
        inFlight.clear();
    }

    final void forgetOutdated() {
        outdated.forEach(op -> op.memory.release());
        outdated.clear();
    }

    @Override
    final boolean isBusy() {
        return !inFlight.isEmpty();
    }

    /** One operation of a user. */
    final class Op {
        private final MirrorDevice machine;
        private final BlockOp op;
        private final ByteBuf memory;
        private final List<Object> marks = model.mark();
        private final SectorModel.Reading reading;
        private final SectorModel.@Nullable Write write;
        private final List<SimulatedLeg> whole;

        Op(MirrorDevice machine, BlockOp op, ByteBuf memory, SectorModel.@Nullable Write write) {
            this.machine = machine;
            this.op = op;
            this.memory = memory;
            this.write = write;
            this.whole = wholeLegs(op.kind() == BlockOp.Kind.READ);
            this.reading = model.reading(op.sector(), op.kind() == BlockOp.Kind.READ ? op.sectorCount() : 0);
        }
    }

    void write() {
        if (mirror == null || inFlight.size() >= IN_FLIGHT_MAX) {
            return;
        }
        boolean goesOn = streams() && random.nextInt(3) != 0;
        int sector = goesOn ? streamAt : random.nextInt(DATA_SECTORS);
        int count = Math.min(DATA_SECTORS - sector, random.nextInt(1, random.nextInt(4) == 0 ? 24 : 6));
        count = Math.min(count, transferSectors());
        streamAt = (sector + count) % DATA_SECTORS;
        boolean forced = random.nextInt(5) == 0;
        write(sector, count, forced);
    }

    final void write(int sector, int count, boolean forced) {
        int content = ++contents;
        byte[] bytes = new byte[count * Sectors.BYTES];
        for (int i = 0; i < count; i++) {
            SectorModel.fill(bytes, i * Sectors.BYTES, content, sector + i);
        }
        ByteBuf memory = Unpooled.directBuffer(bytes.length).writeBytes(bytes);
        submit(new BlockOp.Write(sector, memory, forced), memory, new SectorModel.Write(content, sector, count));
    }

    void zero() {
        if (mirror == null || inFlight.size() >= IN_FLIGHT_MAX) {
            return;
        }
        int sector = random.nextInt(DATA_SECTORS);
        int count = Math.min(DATA_SECTORS - sector, random.nextInt(1, 20));
        BlockOp op = random.nextBoolean() ? new BlockOp.Discard(sector, count) : new BlockOp.WriteZeroes(sector, count);
        submit(op, Unpooled.EMPTY_BUFFER, new SectorModel.Write(SectorModel.ZEROES, sector, count));
    }

    void flush() {
        if (mirror != null) {
            submit(new BlockOp.Flush(), Unpooled.EMPTY_BUFFER, null);
        }
    }

    void read() {
        if (mirror == null || inFlight.size() >= IN_FLIGHT_MAX) {
            return;
        }
        int sector = random.nextInt(DATA_SECTORS);
        read(sector, Math.min(Math.min(DATA_SECTORS - sector, random.nextInt(1, 24)), transferSectors()));
    }

    final void read(int sector, int count) {
        ByteBuf memory = Unpooled.directBuffer(count * Sectors.BYTES);
        submit(new BlockOp.Read(sector, memory), memory, null);
    }

    void submit(BlockOp op, ByteBuf memory, SectorModel.@Nullable Write write) {
        MirrorDevice to = mirror;
        if (to == null) {
            return;
        }
        Op one = new Op(to, op, memory, write);
        if (write != null) {
            model.begin(write);
            say("write " + write.content + " " + words(op));
        } else {
            say(words(op));
        }
        inFlight.add(one);
        to.submit(op).subscribe(never -> {}, failure -> answered(one, failure), () -> answered(one, null));
    }

    void answered(Op one, @Nullable Throwable failure) {
        if (outdated.remove(one)) {
            released(one.memory);
            require(failure != null, words(one.op) + " was answered by a machine that is not the owner");
            return;
        }
        inFlight.remove(one);
        say("  answered " + (one.write == null ? "" : one.write.content + " ") + words(one.op)
                + (failure == null ? "" : " with " + failure.getMessage()));
        require(mayBeHeld(one) || one.memory.refCnt() == 1, "memory is held after the answer: " + one.memory.refCnt());
        boolean good = failure == null;
        if (failure != null && !isFenced && one.machine.mirror().runtime().lost() == null) {
            require(
                    isExcused(one, failure),
                    "an operation failed though legs that had everything were never in trouble");
        }
        if (one.write != null) {
            model.end(one.write, good, one.op instanceof BlockOp.Write write && write.fua());
        } else if (good && one.op.kind() == BlockOp.Kind.FLUSH) {
            model.flushed(one.marks);
        } else if (one.op.kind() == BlockOp.Kind.FLUSH && dangers.contains(Danger.FORGOTTEN)) {
            model.flushFailed();
        } else if (good) {
            byte[] bytes = new byte[one.memory.capacity()];
            one.memory.getBytes(0, bytes);
            check(one.reading, bytes);
        }
        released(one.memory);
        maybeCut();
    }

    private boolean isExcused(Op one, Throwable failure) {
        long good = one.whole.stream().filter(leg -> !leg.isTroubled()).count();
        return good < (one.op.kind() == BlockOp.Kind.READ ? 1 : legsMin)
                || ("" + failure).contains("may go on by themselves")
                || (one.op.kind() == BlockOp.Kind.FLUSH && tellsOfALoss(failure));
    }

    // Of writes that a leg has lost which was the only one that had them; it may have gone since.
    final boolean tellsOfALoss(@Nullable Throwable failure) {
        return failure instanceof DeviceException why
                && legs.stream()
                        .filter(leg -> leg.disk().info().name().equals(why.device()))
                        .allMatch(SimulatedLeg::isTroubled);
    }

    // By a leg that hangs.
    private boolean mayBeHeld(Op one) {
        return isMemoryStable() && one.write != null;
    }

    private void released(ByteBuf memory) {
        if (!memory.release() && memory.capacity() > 0) {
            held.add(memory);
        }
    }

    /** Once no leg holds an operation, nobody holds memory. */
    final void nothingIsHeld() {
        require(held.stream().allMatch(memory -> memory.refCnt() == 0), "memory is held by nobody's operation");
        held.clear();
    }

    /** Legs that have everything, and nothing was done to them: as long as there is one, operations succeed. */
    List<SimulatedLeg> wholeLegs(boolean toRead) {
        MirrorStatus status = status();
        List<String> inSync = status == null
                ? List.of()
                : status.legs().stream()
                        .filter(leg -> leg.state() == LegState.IN_SYNC && !(toRead && leg.lagSectors() > 0))
                        .map(LegStatus::name)
                        .toList();
        return legs.stream()
                .filter(leg ->
                        !leg.isTroubled() && inSync.contains(leg.disk().info().name()))
                .toList();
    }

    /** The most dangerous moment: something was just acknowledged, above all if a leg was just dropped. */
    void maybeCut() {
        boolean dropped = clock.now(TimeUnit.NANOSECONDS) - droppedNanos < 20_000_000;
        cutWanted |= mirror != null && !calming && random.nextInt(dropped ? 8 : 300) == 0;
        if (isCertain()) {
            whatIf.ask(dropped ? 2 : 25);
        }
    }

    static String words(BlockOp op) {
        return op.kind() == BlockOp.Kind.FLUSH
                ? "flush"
                : op.kind().words() + " [" + op.sector() + ", " + (op.sector() + op.sectorCount()) + ")"
                        + (op instanceof BlockOp.Write write && write.fua() ? " fua" : "");
    }
}
