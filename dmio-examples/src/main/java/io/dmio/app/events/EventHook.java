package io.dmio.app.events;

import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorEvent;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Runs an operator's program for each event of a mirror, one at a time, on a thread of its own. The queue is the events that the mirror
 * keeps: a program that is slower than events come misses the oldest of a thousand, and that is logged.
 */
public final class EventHook implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger("io.dmio.app.on-event");
    private static final Duration TIME_MAX = Duration.ofSeconds(30);
    private static final Duration END_TIME_MAX = Duration.ofSeconds(5); // within what a stopped process waits
    private static final Duration KILL_TIME_MAX = Duration.ofSeconds(1); // one that the kernel holds ends later
    private static final Duration STATUS_TIME_MAX = Duration.ofSeconds(1);

    private volatile String command;
    private final Duration timeMax;
    private final CountDownLatch over = new CountDownLatch(1);
    private @Nullable Scheduler thread;
    private @Nullable Disposable listening;
    private volatile @Nullable Process running;
    private long told; // on the thread

    /** Creates a hook that runs a command by the shell; none if it is empty. */
    EventHook(String command) {
        this(command, TIME_MAX);
    }

    EventHook(String command, Duration timeMax) {
        this.command = command;
        this.timeMax = timeMax;
    }

    /** Listens from the mirror's start to its end; called once. */
    public void listen(MirrorDevice mirror) {
        Scheduler own = Schedulers.newBoundedElastic(1, Integer.MAX_VALUE, "dmio-on-event", 60, true);
        thread = own;
        listening = mirror.events()
                .publishOn(own, 1)
                .doFinally(end -> over.countDown())
                .subscribe(event -> run(mirror, event), failed -> LOG.error("the hook ends", failed));
    }

    /**
     * Runs another program from the next event on.
     *
     * @param by the options that name it
     */
    public void changed(EventOptions by) {
        command = by.command();
    }

    /** Waits until the program has been told of all events, but not for long. */
    @Override
    public void close() {
        Scheduler own = thread;
        Disposable events = listening;
        if (own == null || events == null) {
            return;
        }
        boolean ended = false;
        try {
            ended = over.await(END_TIME_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
        if (!ended) {
            LOG.warn("--on-event is still at it after {} s, and is ended", END_TIME_MAX.toSeconds());
            events.dispose();
            kill(running);
        }
        own.dispose();
    }

    private void run(MirrorDevice mirror, MirrorEvent event) {
        if (told > 0 && event.number() > told + 1) {
            LOG.warn("--on-event was too slow, and is not told of {} events", event.number() - told - 1);
        }
        told = event.number();
        String now = command;
        if (now.isEmpty()) {
            return;
        }
        try {
            end(event, start(now, environment(mirror, event)));
        } catch (IOException cannot) {
            LOG.warn("--on-event cannot be run: {}", cannot.getMessage());
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        } finally {
            running = null;
        }
    }

    private Process start(String now, Map<String, String> told) throws IOException {
        // The program's output goes where the log goes, and not where answers are expected.
        ProcessBuilder shell = new ProcessBuilder(List.of("/bin/sh", "-c", "exec >&2\n" + now))
                .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.INHERIT);
        shell.environment().putAll(told);
        Process started = shell.start();
        running = started;
        return started;
    }

    private void end(MirrorEvent event, Process process) throws InterruptedException {
        if (!process.waitFor(timeMax.toMillis(), TimeUnit.MILLISECONDS)) {
            kill(process);
            LOG.warn("--on-event took longer than {} ms for {}, and was ended", timeMax.toMillis(), event.kind());
        } else if (process.exitValue() != 0) {
            LOG.warn("--on-event ended with {} for {}", process.exitValue(), event.kind());
        }
    }

    private static void kill(@Nullable Process process) {
        if (process != null) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            try {
                process.destroyForcibly().waitFor(KILL_TIME_MAX.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException impatient) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Map<String, String> environment(MirrorDevice mirror, MirrorEvent event) {
        return Map.of(
                "DMIO_EVENT", event.kind().name(),
                "DMIO_SEVERITY", event.severity().name(),
                "DMIO_MESSAGE", event.message().replace('\0', ' '),
                "DMIO_REMEDY", Remedy.of(event.kind()),
                "DMIO_LEG", event.leg() < 0 ? "" : String.valueOf(event.leg()),
                "DMIO_DEVICE", device(mirror, event.leg()),
                "DMIO_MIRROR", mirror.info().name(),
                "DMIO_NUMBER", String.valueOf(event.number()),
                "DMIO_TIME", event.at().toString());
    }

    private static String device(MirrorDevice mirror, int leg) {
        String name = mirror.status()
                .map(status -> status.legs().stream()
                        .filter(one -> one.index() == leg)
                        .findFirst()
                        .map(LegStatus::name)
                        .orElse(""))
                .timeout(STATUS_TIME_MAX)
                .onErrorResume(gone -> Mono.just(""))
                .block();
        return Objects.requireNonNullElse(name, "").replace('\0', ' ');
    }
}
