package io.dmio.nbd.server;

import io.dmio.Sectors;
import io.dmio.concurrent.RangeLock;
import io.dmio.memory.Bytes;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.nbd.wire.Wire;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * One request under way through the device. It is itself the subscriber, as its end goes to its session and nowhere else; a request of one
 * piece costs no operator. It runs to its end whatever becomes of its session.
 */
final class ServerRequest implements CoreSubscriber<Void> {

    private static final AtomicIntegerFieldUpdater<ServerRequest> OVER =
            AtomicIntegerFieldUpdater.newUpdater(ServerRequest.class, "over");

    final RequestHeader request;
    final Command command;
    final @Nullable ByteBuf memory; // of a read, or the payload that came; its own reference
    private final ServerSession session;
    private final ExportIo io;
    private final RequestMeter meter;
    private final long startNanos;
    private @Nullable WritePieces pieces; // the write that it is a piece of
    private RangeLock.@Nullable Range range;
    private volatile @Nullable Throwable failure;
    private volatile int over; // 1 once it has ended
    private volatile List<Status> statuses = List.of();
    private volatile RequestRules.@Nullable Refusal refusal; // found in the payload

    /** What was found in one context, which is named by its place in the export's list. */
    record Status(int context, List<StatusRuns.Run> runs) {}

    ServerRequest(ServerSession session, ExportIo io, RequestHeader request, @Nullable ByteBuf memory) {
        this.session = session;
        this.io = io;
        this.request = request;
        Command known = request.command();
        if (known == null) {
            throw new IllegalArgumentException("unknown " + request);
        }
        this.command = known;
        this.memory = memory;
        this.meter = session.terms().export().meter();
        this.startNanos = meter.equals(RequestMeter.NONE) ? 0 : System.nanoTime();
    }

    /** Makes this a piece of a write, or, with null, a whole request. */
    ServerRequest of(@Nullable WritePieces all) {
        pieces = all;
        return this;
    }

    /** Starts the request; a change waits until nobody else changes its blocks. */
    void start() {
        if (command.changes() && request.length() > 0) {
            long first = io.firstSector(request.offset());
            long count = io.endSector(request.offset(), request.length()) - first;
            RangeLock.Range mine = new RangeLock.Range(first, count, this::run);
            range = mine;
            if (!io.locks().enter(mine)) {
                return; // its turn comes later
            }
        }
        run();
    }

    boolean isRead() {
        return command == Command.READ;
    }

    /** Called when the request has ended; returns whether it is answered, as the last piece of a write is for all of them. */
    boolean isAnswered() {
        WritePieces all = pieces;
        if (all == null) {
            return true;
        }
        boolean isLast = all.end(failure);
        if (isLast && all.refusal() == null) {
            meter.ended(command, all.bytes(), all.nanos(), all.failure());
        }
        return isLast;
    }

    /** Returns what went wrong, or null. */
    @Nullable
    Throwable failure() {
        return pieces == null ? failure : pieces.failure();
    }

    /** Returns why it was not begun, or null. */
    RequestRules.@Nullable Refusal refusal() {
        return pieces == null ? refusal : pieces.refusal();
    }

    List<Status> statuses() {
        return statuses;
    }

    /** Returns how much of {@link #memory} is used: what the client asked for, or sent. */
    int bytes() {
        return memory == null ? 0 : (int) request.length();
    }

    /** Returns how much room it takes. */
    int roomBytes() {
        return StatusRuns.roomBytes(request, memory == null ? 0 : memory.capacity());
    }

    @Override
    public Context currentContext() {
        return session.lent();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Void never) {}

    @Override
    public void onError(Throwable thrown) {
        failure = over == 0 ? thrown : failure;
        onComplete();
    }

    @Override
    public void onComplete() {
        if (!OVER.compareAndSet(this, 0, 1)) {
            return;
        }
        if (range != null) {
            io.locks().unlock(range);
        }
        if (pieces == null
                && !meter.equals(RequestMeter.NONE)
                && refusal == null) { // what is refused is told by who refuses it
            meter.ended(command, metered(), System.nanoTime() - startNanos, failure);
        }
        session.ended(this);
    }

    /** Returns the length of the range, and not of the payload that names the range. */
    private long metered() {
        return command == Command.BLOCK_STATUS && memory != null ? 0 : request.length();
    }

    private void run() {
        try {
            work().subscribe(this);
        } catch (Throwable thrown) { // Reactor throws what it calls fatal, such as a lack of memory
            onError(thrown);
        }
    }

    private Mono<Void> work() {
        long offset = request.offset();
        boolean fua = request.has(Wire.CMD_FUA);
        return switch (command) {
            case READ -> memory == null ? Mono.empty() : read(offset, memory);
            case WRITE -> memory == null ? Mono.empty() : io.write(offset, memory, bytes(), fua);
            case FLUSH -> io.flush();
            case TRIM -> io.trim(offset, request.length(), fua);
            case WRITE_ZEROES -> io.zero(offset, request.length(), !request.has(Wire.CMD_NO_HOLE), fua);
            case BLOCK_STATUS -> status();
            case CACHE, DISC -> Mono.empty(); // there is no cache to fill
        };
    }

    private Mono<Void> read(long offset, ByteBuf into) {
        long whole = io.info().bytes();
        int inside = (int) Math.max(0, Math.min(bytes(), whole - offset));
        if (inside == bytes()) {
            return io.read(offset, into, inside);
        }
        Bytes.copy(session.terms().export().tail(), (int) (offset + inside - whole), into, inside, bytes() - inside);
        return inside == 0 ? Mono.empty() : io.read(offset, into, inside);
    }

    private Mono<Void> status() {
        ServerTerms terms = session.terms();
        refusal = memory == null ? null : StatusQuery.refusal(request, memory, terms);
        if (refusal != null) {
            return Mono.empty();
        }
        StatusQuery query = StatusQuery.of(request, memory, terms);
        RequestHeader range = query.range();
        long sector = range.offset() / Sectors.BYTES;
        long end = (range.offset() + range.length() + Sectors.BYTES - 1) / Sectors.BYTES;
        boolean only = range.has(Wire.CMD_REQ_ONE);
        boolean compact = !terms.isExtended();
        return Flux.fromIterable(query.contexts())
                .concatMap(place -> terms.export()
                        .contexts()
                        .get(place)
                        .status()
                        .of(sector, end - sector)
                        .map(told -> new Status(place, StatusRuns.of(told, range, only, compact))))
                .collectList()
                .doOnNext(all -> statuses = all)
                .then();
    }
}
