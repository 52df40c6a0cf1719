package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
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
            end(sink, refusal.orElse(null));
            return;
        }
        if (runtime.answers().refuses(sink)) {
            runtime.gate().exit();
            return;
        }
        try {
            switch (op.kind()) {
                case READ -> inMailbox(ReadRun.of(mirror.reads(), (BlockOp.Read) op, answer(sink)));
                case FLUSH -> inMailbox(() -> mirror.flushForUser(answer(sink)));
                case WRITE, DISCARD, WRITE_ZEROES -> write(op, sink);
            }
        } catch (RuntimeException | Error thrown) { // its memory is released, or there is none for a copy
            runtime.gate().exit();
            runtime.answers().remove(sink);
            sink.error(thrown instanceof OutOfMemoryError ? noMemory(op, thrown) : thrown);
        }
    }

    private void write(BlockOp op, MonoSink<Void> sink) {
        if (ZeroRun.isLong(op, runtime.options())) {
            ZeroRun run = new ZeroRun(mirror.writes(), mirror.throttle(), op, answer(sink));
            sink.onCancel(run::stop);
            inMailbox(run::start);
        } else {
            WriteRun run = new WriteRun(mirror.writes(), op, WriteRun.bytesOf(op, runtime.options()), told(sink));
            inMailbox(run::start);
        }
    }

    private WriteRun.Told told(MonoSink<Void> sink) {
        return new WriteRun.Told() {
            @Override
            public void answered(@Nullable DeviceException problem) {
                runtime.answers().remove(sink);
                Caller.tell(sink, problem);
            }

            @Override
            public void over() {
                runtime.gate().exit();
            }
        };
    }

    private DeviceException noMemory(BlockOp op, Throwable why) {
        return DeviceException.of(Errno.ENOMEM, info.name(), op, "" + why.getMessage());
    }

    private void inMailbox(Runnable start) {
        runtime.tell(() -> mirror.throttle().foreground(start));
    }

    private Consumer<@Nullable DeviceException> answer(MonoSink<Void> sink) {
        return problem -> mirror.owner().answer(problem, answer -> end(sink, answer));
    }

    private void end(MonoSink<Void> sink, @Nullable DeviceException problem) {
        runtime.gate().exit();
        runtime.answers().remove(sink);
        Caller.tell(sink, problem);
    }
}
