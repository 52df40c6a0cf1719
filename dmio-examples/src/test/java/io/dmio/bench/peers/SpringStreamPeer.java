package io.dmio.bench.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import reactor.core.publisher.Sinks;

/**
 * Spring's {@code DataBufferUtils.write(publisher, channel, position)} as it is meant: each leg is one long subscription that
 * gets all buffers in order and writes one at a time, direct. At the end of the file a new stream begins at its start.
 */
final class SpringStreamPeer implements Peer {

    private final List<AsynchronousFileChannel> channels;
    private final List<List<ByteBuffer>> views;
    private List<LegStream> streams = List.of();

    SpringStreamPeer(Setting setting) throws IOException {
        this.channels = AsynchronousChannelPeer.openAll(setting.legs());
        this.views = setting.views();
    }

    /** One pass over one leg: buffers come out as written in the order in which they went in. */
    private static final class LegStream {

        private final Sinks.Many<DataBuffer> buffers = Sinks.many().unicast().onBackpressureBuffer();
        private final Queue<Request> requests = new ConcurrentLinkedQueue<>();

        LegStream(AsynchronousFileChannel channel) {
            DataBufferUtils.write(buffers.asFlux(), channel, 0)
                    .subscribe(
                            written -> requests.remove().legEnded(written.readableByteCount()),
                            cause -> requests.forEach(request -> request.failed(cause)));
        }

        void write(DataBuffer bytes, Request request) {
            requests.add(request);
            buffers.emitNext(bytes, Sinks.EmitFailureHandler.FAIL_FAST);
        }

        void end() {
            buffers.emitComplete(Sinks.EmitFailureHandler.FAIL_FAST);
        }
    }

    @Override
    public void start(Request request) {
        synchronized (this) { // the places are taken in the order of the stream
            if (request.place() == 0) {
                streams.forEach(LegStream::end);
                streams = channels.stream().map(LegStream::new).toList();
            }
            List<ByteBuffer> ofLegs = views.get(request.block());
            for (int leg = 0; leg < streams.size(); leg++) {
                streams.get(leg)
                        .write(
                                DefaultDataBufferFactory.sharedInstance.wrap(
                                        ofLegs.get(leg).clear()),
                                request);
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (AsynchronousFileChannel channel : channels) {
            channel.close();
        }
    }
}
