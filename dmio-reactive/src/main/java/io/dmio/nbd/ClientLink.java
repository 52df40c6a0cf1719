package io.dmio.nbd;

import io.dmio.DeviceException;
import io.dmio.DrainLoop;
import io.dmio.Errno;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All connections to one export, and what becomes of requests when they break. Owned by one event loop, on which all of its
 * connections are.
 *
 * <p>A request whose connection is lost is asked again on another, until its time is up: reads, and changes, too, as nothing
 * that overlaps and came later can have been promised an order. What was answered and not flushed may be gone with a server
 * that lost its memory, and nobody can tell from here. So after a connection was lost, the next flush fails if anything was
 * not flushed before, and with it all that were asked for until then, as nobody had been told; none claims what it cannot know.
 */
@SuppressWarnings("FutureReturnValueIgnored") // of timers on its own loop
final class ClientLink {

    private static final Logger LOG = LoggerFactory.getLogger(ClientLink.class);
    private static final long PAUSE_MILLIS = 100;
    private static final long PAUSE_MILLIS_MAX = 5_000;
    private static final long LOOK_MILLIS = 500;

    private final Connector connector;
    private final NbdOptions options;
    private final Agreement agreement;
    private final EventLoop loop;
    private final Queue<ClientRequest> submitted = new ConcurrentLinkedQueue<>();
    private final DrainLoop submissions;

    // owned by the loop
    private final List<ClientConnection> live = new ArrayList<>();
    private final Deque<ClientRequest> waiting = new ArrayDeque<>();
    private int wanted;
    private int connecting;
    private long pauseMillis = PAUSE_MILLIS;
    private @Nullable DeviceException broken;
    private boolean closed;
    private long answered; // changes that a flush has to make durable
    private long flushed; // of these
    private boolean doubtful; // what was answered and not flushed may be gone
    private long toldNanos = System.nanoTime(); // when it was told last; nobody asks before there is a link

    ClientLink(Connector connector, NbdOptions options, Agreement agreement, EventLoop loop) {
        this.connector = connector;
        this.options = options;
        this.agreement = agreement;
        this.loop = loop;
        this.submissions = new DrainLoop(this::sendNext, loop);
    }

    Agreement agreement() {
        return agreement;
    }

    /** On the loop: begins with a first connection. */
    void start(ClientConnection first) {
        wanted = agreement.isForMany() ? options.connectionsMax() : 1;
        connected(first);
        connectAll();
        look();
    }

    /** From any thread. */
    void submit(ClientRequest request) {
        submitted.offer(request);
        submissions.run();
    }

    /** From any thread: when nothing is in flight any more. */
    void close() {
        loop.execute(() -> {
            closed = true;
            wanted = 0;
            List.copyOf(live).forEach(ClientConnection::leave);
        });
    }

    void answered(ClientConnection by, ClientRequest request) {
        Errno refusal = request.refusal();
        if (refusal == Errno.ESHUTDOWN) { // it will not answer anything any more; perhaps whoever comes after it will
            by.drop("the server is being shut down");
            again(request);
            return;
        }
        DeviceException problem = refusal == null ? null : request.exception(refusal, name(), request.errorText());
        if (problem == null && request.isUnforcedChange()) {
            answered++;
        }
        request.end(problem == null && request.command == Command.FLUSH ? flushed(request) : problem);
    }

    void failed(ClientRequest request, String why) {
        request.end(request.exception(Errno.EIO, name(), why));
    }

    void lost(ClientConnection gone, List<ClientRequest> requests) {
        live.remove(gone);
        doubtful |= answered > flushed;
        if (!closed) {
            LOG.warn("{}: a connection is lost, {} requests with it; {} left", name(), requests.size(), live.size());
            reconnectLater();
        }
        requests.forEach(this::again);
    }

    private boolean sendNext() {
        ClientRequest next = submitted.poll();
        if (next != null) {
            send(next);
        }
        return next != null;
    }

    private void sendWaiting() {
        List<ClientRequest> all = new ArrayList<>(waiting);
        waiting.clear();
        all.forEach(this::send);
    }

    private void send(ClientRequest request) {
        if (broken != null) {
            failed(request, "" + broken.getMessage());
            return;
        }
        ClientConnection best = null;
        for (ClientConnection one : live) {
            best = best == null || one.inFlightCount() < best.inFlightCount() ? one : best;
        }
        if (best == null) {
            waiting.add(request);
        } else {
            request.covers = answered;
            best.send(request, System.nanoTime());
        }
    }

    private void again(ClientRequest request) {
        if (isLate(request)) {
            timedOut(request);
        } else {
            request.forget();
            send(request);
        }
    }

    private @Nullable DeviceException flushed(ClientRequest flush) {
        if (doubtful) {
            doubtful = false;
            flushed = answered; // they are given up, and this says so, as do all flushes asked for until now
            toldNanos = System.nanoTime();
        }
        if (flush.startNanos - toldNanos <= 0) {
            return flush.exception(
                    Errno.EIO, name(), "a connection was lost: what was written since the last flush may be gone");
        }
        flushed = Math.max(flushed, flush.covers);
        return null;
    }

    private void connectAll() {
        while (!closed && broken == null && live.size() + connecting < wanted) {
            connecting++;
            connector.connect(loop).subscribe(this::reconnected, this::notConnected);
        }
    }

    private void reconnected(ClientConnection fresh) {
        connecting--;
        pauseMillis = PAUSE_MILLIS;
        if (closed) {
            fresh.leave();
        } else if (!fresh.agreement().isSameExport(agreement)) {
            fresh.leave();
            broken = DeviceException.of(
                    Errno.EIO, name(), "is another export now: " + fresh.agreement() + " instead of " + agreement);
            LOG.error("{}", broken.getMessage());
            sendWaiting();
        } else {
            connected(fresh);
        }
    }

    private void notConnected(Throwable why) {
        connecting--;
        LOG.debug("{}: {}", name(), why.getMessage());
        reconnectLater();
    }

    private void connected(ClientConnection fresh) {
        live.add(fresh);
        fresh.attach(this);
        sendWaiting();
    }

    private void reconnectLater() {
        if (connecting == 0 && !closed) {
            connecting++; // one at a time, and the others once it is there
            loop.schedule(
                    () -> {
                        connecting--;
                        connectAll();
                    },
                    pauseMillis,
                    TimeUnit.MILLISECONDS);
            pauseMillis = Math.min(2 * pauseMillis, PAUSE_MILLIS_MAX);
        }
    }

    /** Now and then: who waits for too long. */
    private void look() {
        if (closed && live.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        for (ClientConnection one : List.copyOf(live)) {
            long oldest = one.oldestNanos();
            if (oldest != Long.MAX_VALUE
                    && now - oldest > options.replyTimeout().toNanos()) {
                one.drop("no answer in " + options.replyTimeout());
            }
        }
        List<ClientRequest> late = waiting.stream().filter(this::isLate).toList();
        waiting.removeAll(late);
        late.forEach(this::timedOut);
        loop.schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private boolean isLate(ClientRequest request) {
        return closed
                || System.nanoTime() - request.startNanos
                        > options.requestTimeout().toNanos();
    }

    private void timedOut(ClientRequest request) {
        failed(request, closed ? "closed" : "no answer, and no connection, in " + options.requestTimeout());
    }

    private String name() {
        return connector.uri().toString();
    }
}
