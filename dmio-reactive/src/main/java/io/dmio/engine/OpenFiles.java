package io.dmio.engine;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.DeviceGate;
import io.dmio.Errno;
import io.dmio.Handover;
import java.lang.ref.Cleaner;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** The open files of an engine: opens them on threads that may block, and closes them all when the engine ends. */
final class OpenFiles {

    /** Closes what is unreachable and was not closed, as the JDK does for its channels. */
    private static final Cleaner ABANDONED = Cleaner.create();

    private final String engine;
    private final DeviceThreads threads;
    private final Set<OpenFile> open = ConcurrentHashMap.newKeySet();
    private final DeviceGate gate = new DeviceGate(() -> {});

    OpenFiles(String engine, DeviceThreads threads) {
        this.engine = engine;
        this.threads = threads;
    }

    /** See {@link IoEngine#open}; the submission path is asked for once per file. */
    Mono<BlockDevice> open(Opener opener, Function<OpenFile, SubmissionPath> pathOf) {
        Mono<FileDevice> opening = new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super FileDevice> actual) {
                actual.onSubscribe(new Opening(opener, pathOf, actual));
            }
        };
        return Handover.of(opening, FileDevice::closeUnlessUsed);
    }

    /** Refuses to open more files and closes all. Completes when no descriptor is open; what a close reported goes to its own caller. */
    Mono<Void> closeAll() {
        return Mono.defer(() -> {
            gate.shut();
            open.forEach(file -> file.close().subscribe(done -> {}, reported -> {}));
            return gate.close();
        });
    }

    private OpenFile openNow(Opener.Looked looked) {
        OpenFile file = looked.opening().apply(engine, threads.of(looked.storage()));
        open.add(file);
        file.whenClosed()
                .doFinally(signal -> {
                    open.remove(file);
                    gate.exit();
                })
                .subscribe(done -> {}, reported -> {});
        if (gate.isShut()) { // closeAll may have looked before this file was added
            file.close().subscribe(done -> {}, reported -> {});
        }
        return file;
    }

    /**
     * One opening under way. Hand-written, because a {@code MonoSink} drops a device that meets a cancel, and with it a descriptor and a
     * lock: here the device goes on to the {@link Handover}, or one compare-and-set decides that it is closed.
     */
    private final class Opening implements Subscription {
        private static final int WAITING = 0;
        private static final int OPENING = 1;
        private static final int ENDED = 2;

        private final Opener opener;
        private final Function<OpenFile, SubmissionPath> pathOf;
        private final CoreSubscriber<? super FileDevice> actual;
        private final AtomicInteger state = new AtomicInteger(WAITING);

        Opening(Opener opener, Function<OpenFile, SubmissionPath> pathOf, CoreSubscriber<? super FileDevice> actual) {
            this.opener = opener;
            this.pathOf = pathOf;
            this.actual = actual;
        }

        @Override
        public void request(long n) {
            if (!Operators.validate(n) || !state.compareAndSet(WAITING, OPENING)) {
                return;
            }
            if (!gate.enter()) {
                fail(DeviceException.of(Errno.ESHUTDOWN, opener.name(), "the " + engine + " engine is closed"));
                return;
            }
            execute(threads.unasked(), this::find);
        }

        @Override
        public void cancel() {
            state.set(ENDED);
        }

        private void execute(Executor on, Runnable step) {
            try {
                on.execute(step);
            } catch (Throwable noThread) { // an error, too: the system may have none to give
                giveUp(DeviceException.of(
                        Errno.EAGAIN, opener.name(), "cannot be opened, as there is no thread for it: " + noThread));
            }
        }

        // Three steps, so that what hangs in the second or third one holds only a thread of its own file system.
        private void find() {
            String mount;
            try {
                mount = opener.mount();
            } catch (Throwable refused) {
                giveUp(refused);
                return;
            }
            execute(threads.looking(mount), this::look);
        }

        private void look() {
            if (isOver()) {
                return;
            }
            Opener.Looked looked;
            try {
                looked = opener.looked();
            } catch (Throwable refused) {
                giveUp(refused);
                return;
            }
            execute(threads.of(looked.storage()), () -> open(looked));
        }

        private void open(Opener.Looked looked) {
            if (isOver()) {
                return;
            }
            OpenFile file;
            try {
                file = openNow(looked); // from here on, closing the file leaves the gate
            } catch (Throwable refused) {
                giveUp(refused);
                return;
            }
            FileDevice device;
            try {
                device = new FileDevice(file, pathOf.apply(file));
                ABANDONED.register(device, file::abandon);
            } catch (Throwable noMemory) {
                file.close().subscribe(done -> {}, reported -> {});
                fail(noMemory);
                return;
            }
            if (state.compareAndSet(OPENING, ENDED)) {
                actual.onNext(device);
                actual.onComplete();
            } else {
                file.close().subscribe(done -> {}, reported -> {});
            }
        }

        /** Returns whether nobody waits for the opening any more; then it is not begun. */
        private boolean isOver() {
            if (state.get() != ENDED) {
                return false;
            }
            gate.exit();
            return true;
        }

        private void giveUp(Throwable refused) {
            gate.exit();
            fail(refused);
        }

        private void fail(Throwable refused) {
            if (state.compareAndSet(OPENING, ENDED)) {
                actual.onError(refused);
            }
        }
    }
}
