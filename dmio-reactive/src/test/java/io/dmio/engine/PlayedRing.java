package io.dmio.engine;

import static io.dmio.harness.Schedules.check;

import io.dmio.BlockDevice;
import io.dmio.Capability;
import io.dmio.DeviceInfo;
import io.dmio.harness.HandLoop;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoOps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/** A real {@link UringLoop} with an open file on it, of which only the kernel is played: it does what is asked, in order. */
final class PlayedRing implements IoRegistration {

    static final int BLOCK_BYTES = 512;
    static final int EINTR = -4;
    static final int EAGAIN = -11;

    private static final byte FSYNC = 3; // answers 0, where writes answer how many bytes
    private static final DeviceInfo INFO = new DeviceInfo(
            "played", 8, BLOCK_BYTES, BLOCK_BYTES, BLOCK_BYTES, 1, EnumSet.of(Capability.FLUSH), "uring");
    private static final VarHandle OPCODE = field("opcode", byte.class); // Netty keeps what it is given to itself
    private static final VarHandle SLOT = field("data", long.class);

    private final HandLoop loop = new HandLoop(this);
    private final UringLoop ring;
    private final OpenFile file;
    private final BlockDevice device;
    private int closes;

    // the loop's
    private final Queue<IoUringIoOps> atTheKernel = new ArrayDeque<>();
    private int answer;
    private boolean full;

    PlayedRing(int slots) {
        // The descriptor is no real one: that it would be closed is counted.
        this.file = new DescriptorFile(-1, INFO, new FileQuirks(false, false, 1), close -> closes++);
        this.ring = new UringLoop(loop, slots, this::tellLater);
        this.device = new FileDevice(file, ring);
        ring.register();
    }

    private void tellLater(Runnable call) {
        var unused = loop.schedule(call, RingWatch.LOOK_NANOS, TimeUnit.NANOSECONDS);
    }

    BlockDevice device() {
        return device;
    }

    /** How often the descriptor was closed. */
    int closes() {
        return closes;
    }

    void onTheLoop(Runnable task) {
        loop.as(task);
    }

    /** The loop does one task, or takes one answer of the kernel; false if there is nothing. */
    boolean turn() {
        return loop.turn() || answerNext();
    }

    /** The oldest timer of the loop rings; false if there is none. */
    boolean ringTimer() {
        return loop.ring();
    }

    /** What the kernel answers next, instead of that all is well. */
    void answersNext(int errno) {
        answer = errno;
    }

    /** The ring takes no entry the next time. */
    void refuseNext() {
        full = true;
    }

    private boolean answerNext() {
        IoUringIoOps next = atTheKernel.poll();
        if (next == null) {
            return false;
        }
        check(closes == 0, "the descriptor was closed under an operation");
        byte opcode = (byte) OPCODE.get(next);
        int well = opcode == FSYNC ? 0 : BLOCK_BYTES;
        int told = answer == 0 ? well : answer;
        answer = 0;
        loop.as(() -> ring.handle(this, new IoUringIoEvent(told, 0, opcode, (long) SLOT.get(next))));
        return true;
    }

    @Override
    public long submit(IoOps operation) {
        check(closes == 0, "the kernel is given a descriptor that was closed");
        if (full) {
            full = false;
            throw new IllegalStateException("the ring is full");
        }
        atTheKernel.add((IoUringIoOps) operation);
        return 1;
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // as it is in the interface
    public <T> T attachment() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isValid() {
        return true;
    }

    @Override
    public boolean cancel() {
        throw new UnsupportedOperationException();
    }

    private static VarHandle field(String name, Class<?> type) {
        try {
            return MethodHandles.privateLookupIn(IoUringIoOps.class, MethodHandles.lookup())
                    .findVarHandle(IoUringIoOps.class, name, type);
        } catch (ReflectiveOperationException changed) {
            throw new IllegalStateException(changed);
        }
    }
}
