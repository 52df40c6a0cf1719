package io.dmio.testkit;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A device that answers when the test says so, in the order it says, and records the operations that it was asked for. It holds
 * a reference to each buffer until it answers, as the contract demands of a real device. It checks nothing and keeps no bytes:
 * use {@code MemoryDevice} where content matters. Operations may come from any thread; each is answered once, on the thread
 * that says so.
 */
public final class ManualDevice implements BlockDevice {

    private final DeviceInfo info;
    private final List<Call> calls = new ArrayList<>();
    private final AtomicInteger detached = new AtomicInteger();

    /** One operation that waits for its answer. */
    private record Call(BlockOp op, ByteBuf held, Sinks.Empty<Void> sink) {}

    /**
     * Creates a device that was asked for nothing yet.
     *
     * @param info the device's description; operations that do not suit it are accepted all the same
     */
    public ManualDevice(DeviceInfo info) {
        this.info = info;
    }

    /**
     * Returns a device with 512-byte blocks and all capabilities.
     *
     * @param name for messages
     * @param sectors the device's size
     * @return the device
     */
    public static ManualDevice of(String name, long sectors) {
        return new ManualDevice(DeviceInfo.of(name, sectors, "manual")
                .withCapabilities(
                        Set.of(Capability.FLUSH, Capability.FUA, Capability.DISCARD, Capability.WRITE_ZEROES)));
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return Mono.defer(() -> {
            Sinks.Empty<Void> sink = Sinks.empty();
            synchronized (calls) {
                calls.add(new Call(op, Operations.memoryOf(op).retain(), sink));
            }
            return sink.asMono().doOnCancel(detached::incrementAndGet);
        });
    }

    @Override
    public Mono<Void> close() {
        return Mono.empty();
    }

    /**
     * Returns all operations so far, answered or not.
     *
     * @return in the order in which they were subscribed to; the place of each is its index
     */
    public List<BlockOp> ops() {
        synchronized (calls) {
            return calls.stream().map(Call::op).toList();
        }
    }

    /**
     * Returns how many subscribers left before the answer.
     *
     * @return a snapshot; what they asked for still waits to be answered
     */
    public int detached() {
        return detached.get();
    }

    /**
     * Answers an operation with success; a read is filled with {@code 0x5A}.
     *
     * @param index the operation's place among {@link #ops}
     */
    public void answer(int index) {
        Call call = call(index);
        if (call.op() instanceof BlockOp.Read read) {
            for (int at = 0; at < read.into().capacity(); at++) {
                read.into().setByte(at, 0x5A);
            }
        }
        call.held().release();
        call.sink().tryEmitEmpty();
    }

    /**
     * Answers an operation with an error.
     *
     * @param index the operation's place among {@link #ops}
     * @param errno the error
     */
    public void fail(int index, Errno errno) {
        Call call = call(index);
        call.held().release();
        call.sink().tryEmitError(DeviceException.of(errno, info.name(), call.op(), "as scripted"));
    }

    /**
     * Answers all operations from one on with success, also those that come while it answers.
     *
     * @param index the first one's place among {@link #ops}
     */
    public void answerFrom(int index) {
        for (int i = index; i < ops().size(); i++) {
            answer(i);
        }
    }

    private Call call(int index) {
        synchronized (calls) {
            return calls.get(index);
        }
    }
}
