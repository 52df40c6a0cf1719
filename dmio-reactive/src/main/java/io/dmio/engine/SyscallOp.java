package io.dmio.engine;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;

/** An operation by system calls, which a ring or a thread makes. */
final class SyscallOp extends FileOp {

    /** The pause before a call is repeated for which the kernel had no resource. */
    static final long PAUSE_NANOS = 1_000_000;

    private final DescriptorFile file;
    private @Nullable SyscallSequence calls;

    SyscallOp(DescriptorFile file, BlockOp op, CoreSubscriber<? super Void> actual) {
        super(op, actual);
        this.file = file;
    }

    @Override
    DescriptorFile file() {
        return file;
    }

    /** Returns the calls to make; between {@link #begin} and {@link #end}. */
    SyscallSequence calls() {
        if (calls == null) {
            throw new IllegalStateException("not begun, or ended");
        }
        return calls;
    }

    @Override
    void prepare(BlockOp op, @Nullable ByteBuf bytes) {
        calls = new SyscallSequence(op, bytes, file.quirks());
    }

    @Override
    void callRest() {
        SyscallSequence sequence = calls();
        SyscallSequence.Next next = SyscallSequence.Next.CALL;
        while (next == SyscallSequence.Next.CALL || next == SyscallSequence.Next.CALL_LATER) {
            if (next == SyscallSequence.Next.CALL_LATER) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            next = sequence.answered(BlockingCalls.make(file.fd(), sequence));
        }
        if (next == SyscallSequence.Next.FAILED) {
            throw failure();
        }
    }

    /** Returns the failure that the calls ended in. */
    DeviceException failure() {
        SyscallSequence failed = calls();
        return DeviceException.of(failed.errno(), file.info().name(), asked(), failed.detail());
    }

    @Override
    void forget() {
        if (calls != null) {
            calls.release();
            calls = null;
        }
    }
}
