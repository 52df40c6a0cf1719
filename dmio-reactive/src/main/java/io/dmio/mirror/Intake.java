package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** Takes in users' operations, on their threads: lets them through the gate, checks them, copies their memory, and tells the mailbox. */
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
        return new Taken(this, Objects.requireNonNull(op, "op"));
    }

    /** Notes that somebody has the mirror. */
    void use() {
        if (!used) {
            used = true;
        }
    }

    /** Whether anybody ever asked for anything. */
    boolean isUsed() {
        return !runtime.gate().isShut() && used;
    }

    private void begin(UserOp user, BlockOp op) {
        use();
        if (user.hasLeft()) {
            return;
        }
        if (!runtime.gate().enter()) {
            user.tell(DeviceException.of(Errno.ESHUTDOWN, info.name(), op, ""));
            return;
        }
        Optional<DeviceException> refusal = info.refusal(op).or(() -> Optional.ofNullable(runtime.lost()));
        if (refusal.isPresent() || (op.sectorCount() == 0 && op.kind() != BlockOp.Kind.FLUSH)) {
            runtime.gate().exit();
            user.tell(refusal.orElse(null));
            return;
        }
        Throwable failure = hold(user, op);
        if (failure != null) {
            runtime.gate().exit();
            user.tell(failure);
        } else {
            runtime.tell(user);
        }
    }

    private @Nullable Throwable hold(UserOp user, BlockOp op) {
        try {
            user.hold();
            return null;
        } catch (OutOfMemoryError none) {
            return DeviceException.of(Errno.ENOMEM, info.name(), op, "" + none.getMessage());
        } catch (RuntimeException | Error thrown) { // its memory is released
            return thrown;
        }
    }

    /** An operation; each subscription does it once more. */
    private static final class Taken extends Mono<Void> {
        private final Intake intake;
        private final BlockOp op;

        Taken(Intake intake, BlockOp op) {
            this.intake = intake;
            this.op = op;
        }

        @Override
        public void subscribe(CoreSubscriber<? super Void> caller) {
            UserOp user = new UserOp(intake.mirror, op, caller);
            caller.onSubscribe(user);
            intake.begin(user, op);
        }
    }
}
