package io.dmio.app.serve;

import io.dmio.Errno;
import io.dmio.nbd.NbdMeter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs requests of clients that a device fails, and passes on everything it is told. A dead disk fails everything, so there is one line a
 * minute for each kind of request and error, which counts the others. What is refused before the device is asked is the client's fault.
 */
final class FailureLog implements NbdMeter {

    private static final Logger LOG = LoggerFactory.getLogger("io.dmio.app.serve");
    private static final long AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final String device;
    private final Optional<NbdMeter> next;
    private final LongSupplier nanos;

    // guarded by this
    private final Map<Failure, Told> told = new HashMap<>();

    /** The kind of a failure: what failed, and how. */
    private record Failure(Request request, Errno errno) {}

    /** When a failure was told last, and how often it happened since. */
    private record Told(long nanos, long since) {}

    FailureLog(String device, Optional<NbdMeter> next) {
        this(device, next, System::nanoTime);
    }

    FailureLog(String device, Optional<NbdMeter> next, LongSupplier nanos) {
        this.device = device;
        this.next = next;
        this.nanos = nanos;
    }

    @Override
    public void connected() {
        next.ifPresent(NbdMeter::connected);
    }

    @Override
    public void disconnected() {
        next.ifPresent(NbdMeter::disconnected);
    }

    @Override
    public void ended(Request request, long bytes, long time, Optional<Errno> errno) {
        if (errno.isPresent() && time > 0) {
            failed(new Failure(request, errno.get()));
        }
        if (next.isPresent()) {
            next.get().ended(request, bytes, time, errno);
        }
    }

    private void failed(Failure failure) {
        long since;
        synchronized (this) {
            long now = nanos.getAsLong();
            Told last = told.get(failure);
            if (last != null && now - last.nanos < AGAIN_NANOS) {
                told.put(failure, new Told(last.nanos, last.since + 1));
                return;
            }
            since = last == null ? 0 : last.since;
            told.put(failure, new Told(now, 0));
        }
        String request = failure.request.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        LOG.atError()
                .addKeyValue("device", device)
                .addKeyValue("request", request)
                .addKeyValue("errno", failure.errno)
                .addKeyValue("remedy", "look at the device, and at what the kernel says of it (dmesg)")
                .log(
                        "{} failed a client's {} with {}{}",
                        device,
                        request,
                        failure.errno,
                        since == 0 ? "" : ", and " + since + " more since that was told last");
    }
}
