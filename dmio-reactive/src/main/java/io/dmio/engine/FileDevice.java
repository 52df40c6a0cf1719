package io.dmio.engine;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.FreshRead;
import io.dmio.LentThread;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** An open file or disk as a device: checks its operations, and submits them on a submission path. */
final class FileDevice implements BlockDevice {

    /** The most sectors copied on a lent thread: copying more takes longer than waking another thread to do it. */
    private static final int COPY_SECTORS_MAX = 128;

    private final OpenFile file;
    private final SubmissionPath submission;
    private volatile boolean used;

    FileDevice(OpenFile file, SubmissionPath submission) {
        this.file = file;
        this.submission = submission;
    }

    @Override
    public DeviceInfo info() {
        return file.info();
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return new Submission(this, Objects.requireNonNull(op, "op"));
    }

    @Override
    public Mono<List<Extent>> extents(long sector, long sectorCount) {
        return Mono.create(sink -> {
            used = true;
            if (!file.gate().enter()) {
                sink.error(DeviceException.of(Errno.ESHUTDOWN, file.info().name(), "the device is closed"));
                return;
            }
            try {
                file.blocking().execute(() -> look(sector, sectorCount, sink));
            } catch (Throwable noThread) { // an error, too: the system may have none to give
                file.gate().exit();
                sink.error(DeviceException.of(
                        Errno.EAGAIN, file.info().name(), "there is no thread to look for holes: " + noThread));
            }
        });
    }

    private void look(long sector, long sectorCount, MonoSink<List<Extent>> sink) {
        List<Extent> extents;
        try {
            extents = file.extents(sector, sectorCount);
        } catch (Throwable failure) {
            file.gate().exit();
            sink.error(failure);
            return;
        }
        file.gate().exit();
        sink.success(extents);
    }

    @Override
    public Mono<Void> close() {
        return file.close();
    }

    /** Closes the device if it is in doubt whether anybody got it. */
    void closeUnlessUsed() {
        if (!used) {
            file.close().subscribe(done -> {}, reported -> {});
        }
    }

    @Override
    public String toString() {
        return file.info().toString();
    }

    private void start(BlockOp op, CoreSubscriber<? super Void> actual) {
        if (!used) { // read first: processors share the cache line as long as nobody writes to it
            used = true;
        }
        Optional<DeviceException> refused = file.info().refusal(op);
        if (refused.isPresent()) {
            Operators.error(actual, refused.get());
            return;
        }
        if (!file.gate().enter()) {
            Operators.error(
                    actual, DeviceException.of(Errno.ESHUTDOWN, file.info().name(), op, "the device is closed"));
            return;
        }
        if (op.sectorCount() == 0 && op.kind() != BlockOp.Kind.FLUSH) {
            file.gate().exit();
            Operators.complete(actual);
            return;
        }
        FileOp taken;
        try {
            taken = file.op(op, actual);
        } catch (Throwable refusedMemory) { // released before, or none is left
            file.gate().exit();
            Operators.error(actual, DeviceException.wrap(file.info().name(), op, refusedMemory));
            return;
        }
        try {
            actual.onSubscribe(taken);
        } catch (Throwable thrown) { // against the specification: nothing was started
            taken.cancel();
            throw thrown;
        }
        run(taken, op, actual.currentContext());
    }

    private void run(FileOp taken, BlockOp op, Context context) {
        if (isToForget(op, context)) {
            launchAfresh(taken, op);
        } else if (mayRunHere(op, context)) {
            taken.runLent();
        } else {
            launch(taken);
        }
    }

    private boolean mayRunHere(BlockOp op, Context context) {
        if (!file.mayUseAnyThread()) {
            return false;
        }
        return LentThread.mayBlock(context)
                || (file.quirks().inMemory && op.sectorCount() <= COPY_SECTORS_MAX && LentThread.mayCopy(context));
    }

    private boolean isToForget(BlockOp op, Context context) {
        return file.quirks().remembered && op.kind() == BlockOp.Kind.READ && FreshRead.isAsked(context);
    }

    private void launchAfresh(FileOp taken, BlockOp op) {
        if (!file.gate().enter()) { // once more, as the operation may be cancelled meanwhile
            taken.reject(DeviceException.of(Errno.ESHUTDOWN, file.info().name(), op, "the device is closed"));
            return;
        }
        try {
            file.blocking().execute(() -> {
                try {
                    file.forget(op.sector(), op.sectorCount());
                } catch (Throwable thrown) {
                    taken.reject(thrown);
                    return;
                } finally {
                    file.gate().exit();
                }
                launch(taken);
            });
        } catch (Throwable noThread) { // an error, too: the system may have none to give
            file.gate().exit();
            taken.reject(noThread);
        }
    }

    private void launch(FileOp op) {
        if (op.isWithdrawn()) {
            return;
        }
        try {
            submission.launch(op);
        } catch (Throwable thrown) {
            op.reject(thrown);
        }
    }

    /** Cold: each subscription is one operation. */
    private static final class Submission extends Mono<Void> {
        private final FileDevice device;
        private final BlockOp op;

        Submission(FileDevice device, BlockOp op) {
            this.device = device;
            this.op = op;
        }

        @Override
        public void subscribe(CoreSubscriber<? super Void> actual) {
            device.start(op, actual);
        }
    }
}
