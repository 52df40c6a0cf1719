package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** Takes users' operations in, on their threads: through the gate, checked, with a copy of their memory, into the mailbox. */
final class Intake {

    private final Mirror mirror;
    private final MirrorRuntime runtime;
    private final DeviceInfo info;
    private volatile boolean used;

    Intake(Mirror mirror, DeviceInfo info) {
        this.mirror = mirror;
        this.runtime = mirror.runtime();
        this.info = info;
    }

    Mono<Void> take(BlockOp op) {
        Objects.requireNonNull(op, "op");
        return Mono.create(sink -> begin(op, sink));
    }

    /** Somebody has the mirror. */
    void use() {
        if (!used) {
            used = true;
        }
    }

    /** Whether anybody ever asked for anything. */
    boolean isUsed() {
        return !runtime.gate().isShut() && used;
    }

    private void begin(BlockOp op, MonoSink<Void> sink) {
        use();
        if (!runtime.gate().enter()) {
            sink.error(DeviceException.of(Errno.ESHUTDOWN, info.name(), op, ""));
            return;
        }
        Optional<DeviceException> refusal = info.refusal(op).or(() -> Optional.ofNullable(runtime.lost()));
        if (refusal.isPresent() || (op.sectorCount() == 0 && op.kind() != BlockOp.Kind.FLUSH)) {
            runtime.gate().exit();
            Caller.tell(sink, refusal.orElse(null));
            return;
        }
        Asker asker = new Asker(sink);
        if (runtime.answers().refuses(asker)) {
            runtime.gate().exit();
            return;
        }
        try {
            switch (op.kind()) {
                case READ -> inMailbox(ReadRun.of(mirror.reads(), (BlockOp.Read) op, asker::ended));
                case FLUSH -> inMailbox(() -> mirror.flushForUser(asker::ended));
                case WRITE, DISCARD, WRITE_ZEROES -> write(op, asker);
            }
        } catch (RuntimeException | Error thrown) { // its memory is released, or there is none for a copy
            runtime.gate().exit();
            runtime.answers().remove(asker);
            sink.error(thrown instanceof OutOfMemoryError ? noMemory(op, thrown) : thrown);
        }
    }

    private void write(BlockOp op, Asker asker) {
        if (ZeroRun.isLong(op, runtime.options())) {
            ZeroRun run = new ZeroRun(mirror.writes(), mirror.throttle(), op, asker::ended);
            asker.caller.onCancel(run::stop);
            inMailbox(run::start);
        } else {
            WriteRun run = new WriteRun(mirror.writes(), op, WriteRun.bytesOf(op, runtime.options()), asker);
            inMailbox(run::start);
        }
    }

    private DeviceException noMemory(BlockOp op, Throwable why) {
        return DeviceException.of(Errno.ENOMEM, info.name(), op, "" + why.getMessage());
    }

    private void inMailbox(Runnable start) {
        runtime.tell(() -> mirror.throttle().foreground(start));
    }

    /** Whoever asked for an operation: inside the gate until it is over, and waiting until it is answered. */
    private final class Asker extends Answers.Waiting implements WriteRun.Told {
        private final MonoSink<Void> caller;

        Asker(MonoSink<Void> caller) {
            super(caller);
            this.caller = caller;
        }

        @Override
        public void answered(@Nullable DeviceException problem) {
            runtime.answers().remove(this);
            Caller.tell(caller, problem);
        }

        @Override
        public void over() {
            runtime.gate().exit();
        }

        /** The answer to what is over by it. */
        void ended(@Nullable DeviceException problem) {
            mirror.owner().answer(problem, this::end);
        }

        private void end(@Nullable DeviceException problem) {
            runtime.gate().exit();
            answered(problem);
        }
    }
}
