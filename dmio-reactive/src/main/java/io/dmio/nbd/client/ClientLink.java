package io.dmio.nbd.client;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.concurrent.DrainLoop;
import io.dmio.nbd.wire.Command;
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
 * All connections of a client to one export; decides what happens to requests when connections break. Owned by their event loop.
 *
 * <p>A request whose connection is lost is asked again on another, until its time is up: reads, and changes, too, as no order was promised to
 * later requests that overlap. But nothing is sent while a lost connection may still do something that was asked there ({@link Fence}).
 * Whether data is flushed, and whether a request is for this server, depends on the server still being the same ({@link Continuity}). A
 * server that answers nothing for the time of a request costs that time once ({@link Outage}).
 */
@SuppressWarnings("FutureReturnValueIgnored") // of timers on its own loop
public final class ClientLink {

    private static final Logger LOG = LoggerFactory.getLogger(ClientLink.class);
    private static final long LOOK_MILLIS = 500;

    private final Connector connector;
    private final LinkOptions options;
    private final ClientTerms agreement;
    private final EventLoop loop;
    private final Fence fence;
    private final Continuity continuity;
    private final Outage outage;
    private final Queue<ClientRequest> submitted = new ConcurrentLinkedQueue<>();
    private final DrainLoop submissions;
    // owned by the loop
    private final List<ClientConnection> live = new ArrayList<>();
    private final Deque<ClientRequest> waiting = new ArrayDeque<>();
    private final Attempts attempts = new Attempts();
    private int wanted;
    private @Nullable String broken;
    private boolean closed;
    private @Nullable Runnable whenOver;

    /** Creates a link without connections; tells once, on the loop, when it is closed and will ask nothing of the loop any more. */
    public ClientLink(Connector connector, ClientTerms agreement, EventLoop loop, Runnable whenOver) {
        this.connector = connector;
        this.options = connector.options();
        this.agreement = agreement;
        this.loop = loop;
        this.whenOver = whenOver;
        this.fence = new Fence(options.afterLoss());
        this.continuity = new Continuity(agreement.instance(), System.nanoTime());
        this.outage = new Outage(agreement.info("").logicalBlockBytes(), System.nanoTime());
        this.submissions = new DrainLoop(this::sendNext, loop);
    }

    public ClientTerms agreement() {
        return agreement;
    }

    /** Begins with a first connection. On the loop. */
    public void start(ClientConnection first) {
        wanted = agreement.isForMany() ? options.connectionsMax() : 1;
        connected(first);
        connectAll();
        look();
    }

    /** Sends a request. From any thread. */
    public void submit(ClientRequest request) {
        submitted.offer(request);
        submissions.run();
    }

    /** Pins the server: requests that started before are for no other server than the one they found. From any thread. */
    public void pin() {
        continuity.pin(System.nanoTime());
    }

    /** Closes the connections; to be called when nothing is in flight any more. From any thread. */
    public void close() {
        loop.execute(() -> {
            closed = true;
            wanted = 0;
            List.copyOf(live).forEach(ClientConnection::leave);
            fence.giveUp();
            endLate();
            endIfOver();
        });
    }

    private void endIfOver() {
        Runnable end = whenOver;
        if (end != null && closed && live.isEmpty() && attempts.count() == 0) {
            whenOver = null;
            end.run();
        }
    }

    void answered(ClientConnection by, ClientRequest request) {
        Errno refusal = request.refusal();
        outage.answered(System.nanoTime());
        if (refusal == Errno.ESHUTDOWN) { // this server begins nothing any more; perhaps the next one does
            by.retire();
            again(request);
            return;
        }
        DeviceException problem = refusal == null ? null : request.exception(refusal, name(), request.errorText());
        if (problem == null && request.isUnforcedChange()) {
            continuity.changed();
        }
        request.end(problem == null && request.command == Command.FLUSH ? flushed(request) : problem);
    }

    void failed(ClientRequest request, String why) {
        request.end(request.exception(Errno.EIO, name(), why));
    }

    /** Called when a connection is lost, or given up; it may still tell that it {@linkplain #over owes nothing any more}. */
    void lost(ClientConnection gone, List<ClientRequest> requests) {
        live.remove(gone);
        connector.counts().lost(closed);
        continuity.lost(gone);
        fence.lost(gone, System.nanoTime());
        if (!closed) {
            LOG.warn("{}: a connection is lost, {} requests with it; {} left", name(), requests.size(), live.size());
            reconnectLater();
        }
        requests.forEach(this::again);
        endIfOver();
    }

    /** Called when a lost connection has answered late, or is closed. */
    void over() {
        fence.look(System.nanoTime());
        sendWaiting();
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
        if (broken != null || outage.refuses(request)) {
            failed(request, broken != null ? broken : "was dead for " + options.requestTimeout() + ", and is still");
            return;
        }
        if (continuity.isStale(request)) {
            request.end(request.exception(
                    Errno.ESTALE, name(), "the connection was lost, and what answers now may be another server"));
            return;
        }
        ClientConnection best = null;
        for (ClientConnection one : live) {
            best = !one.isRetired() && (best == null || one.inFlightCount() < best.inFlightCount()) ? one : best;
        }
        if (best == null || fence.isUp()) {
            waiting.add(request);
        } else {
            request.covers = continuity.answered();
            best.send(request, System.nanoTime());
        }
    }

    private void again(ClientRequest request) {
        if (isLate(request, request.startNanos)) {
            timedOut(request);
        } else {
            request.forget();
            send(request);
        }
    }

    private @Nullable DeviceException flushed(ClientRequest flush) {
        return continuity.isFlushed(flush, System.nanoTime())
                ? null
                : flush.exception(
                        Errno.EIO, name(), "a connection was lost: what was written since the last flush may be gone");
    }

    private void connectAll() {
        while (!closed && live.size() + attempts.count() < wanted) {
            int place = fence.freePlace(attempts.places(), live, wanted);
            attempts.begin(place);
            connector
                    .connect(loop, place)
                    .subscribe(fresh -> reconnected(place, fresh), why -> notConnected(place, why));
        }
    }

    private void reconnected(int place, ClientConnection fresh) {
        attempts.end(place);
        String lacks = fresh.agreement().lacks(agreement);
        if (closed) {
            fresh.leave();
            endIfOver();
        } else if (lacks.isEmpty()) {
            attempts.succeeded();
            broken = null;
            connected(fresh);
            reconnectLater(); // if others could not be connected beside it
        } else {
            fresh.leave();
            if (broken == null) {
                LOG.error("{}: is another export now: it {}", name(), lacks);
            }
            broken = "is another export now: it " + lacks;
            sendWaiting();
            reconnectLater(); // perhaps it becomes again what it was
        }
    }

    private void notConnected(int place, Throwable why) {
        attempts.end(place);
        LOG.debug("{}: {}", name(), why.getMessage());
        reconnectLater();
        endIfOver();
    }

    private void connected(ClientConnection fresh) {
        continuity.connected(fresh, List.copyOf(live), System.nanoTime());
        fence.connected(fresh);
        live.add(fresh);
        connector.counts().connected();
        fresh.attach(this);
        over();
    }

    private void reconnectLater() {
        if (attempts.count() == 0 && !closed && live.size() < wanted) { // one at a time, the others once it is there
            loop.schedule(
                    () -> {
                        attempts.resume();
                        connectAll();
                        endIfOver();
                    },
                    attempts.pause(),
                    TimeUnit.MILLISECONDS);
        }
    }

    private void look() {
        long now = System.nanoTime();
        List.copyOf(live)
                .forEach(one ->
                        one.look(now, options.replyTimeout(), this::isLate).forEach(this::timedOut));
        outage.probe(now, closed).ifPresent(this::send);
        over();
        endLate();
        if (!closed || !live.isEmpty()) {
            loop.schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void endLate() {
        List<ClientRequest> late =
                waiting.stream().filter(one -> isLate(one, one.startNanos)).toList();
        waiting.removeAll(late);
        late.forEach(this::timedOut);
    }

    private boolean isLate(ClientRequest request, long moved) {
        return closed || Movement.isLate(request.startNanos, moved, System.nanoTime(), options.requestTimeout());
    }

    private void timedOut(ClientRequest request) {
        String why = fence.isUp()
                ? "a connection was lost, and its server may still do what was asked there: nothing was sent in "
                : "no answer, and no connection, in ";
        outage.timedOut(request);
        failed(request, closed ? "closed" : why + options.requestTimeout());
    }

    private String name() {
        return connector.remote().toString();
    }
}
