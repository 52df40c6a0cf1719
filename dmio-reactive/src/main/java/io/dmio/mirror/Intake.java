package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** Takes users' operations in, on their threads: through the gate, checked, with a copy of their memory, into the mailbox. */
final class Intake {

    private final Mirror mirror;
    private final DeviceInfo info;
    private boolean used; // published by the gate

    Intake(Mirror mirror, DeviceInfo info) {
        this.mirror = mirror;
        this.info = info;
    }

    Mono<Void> take(BlockOp op) {
        return Mono.create(sink -> begin(op, sink));
    }

    /** Whether anything was ever submitted. */
    boolean isUsed() {
        return !mirror.gate().isShut() && used;
    }

    private void begin(BlockOp op, MonoSink<Void> sink) {
        used = true;
        if (!mirror.gate().enter()) {
            sink.error(DeviceException.of(Errno.ESHUTDOWN, info.name(), op, ""));
            return;
        }
        Optional<DeviceException> refusal =
                info.refusal(op).or(() -> Optional.ofNullable(mirror.owner().lost()));
        if (refusal.isPresent() || (op.sectorCount() == 0 && op.kind() != BlockOp.Kind.FLUSH)) {
            end(sink, refusal.orElse(null));
            return;
        }
        if (mirror.answers().refuses(sink)) {
            mirror.gate().exit();
            return;
        }
        try {
            switch (op.kind()) {
                case READ -> inMailbox(ReadRun.of(mirror, (BlockOp.Read) op, answer(sink)));
                case FLUSH -> inMailbox(() -> new FlushRun(mirror, answer(sink)).start());
                case WRITE, DISCARD, WRITE_ZEROES -> {
                    WriteRun run = new WriteRun(mirror, op, WriteRun.bytesOf(op, mirror.options()), sink);
                    inMailbox(run::start);
                }
            }
        } catch (RuntimeException released) {
            mirror.gate().exit();
            mirror.answers().remove(sink);
            sink.error(released);
        }
    }

    private void inMailbox(Runnable start) {
        mirror.tell(() -> mirror.pace().foreground(start));
    }

    private Consumer<@Nullable DeviceException> answer(MonoSink<Void> sink) {
        return problem -> mirror.owner().answer(problem, answer -> end(sink, answer));
    }

    private void end(MonoSink<Void> sink, @Nullable DeviceException problem) {
        mirror.gate().exit();
        mirror.answers().remove(sink);
        Mirror.into(sink).accept(problem);
    }
}
