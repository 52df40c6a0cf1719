package io.dmio.bench.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.util.List;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import reactor.core.publisher.Mono;

/**
 * Spring's {@code DataBufferUtils.write(publisher, channel, position)}, each request a publisher of one buffer for each leg.
 * The channels are direct: a wrapped buffer keeps its alignment. Reads take no part: {@code DataBufferUtils.read} allocates
 * buffers without alignment and opens a channel for each call.
 */
final class SpringPeer implements Peer {

    private final List<AsynchronousFileChannel> channels;
    private final List<List<ByteBuffer>> views;

    SpringPeer(Setting setting) throws IOException {
        this.channels = AsynchronousChannelPeer.openAll(setting.legs());
        this.views = setting.views();
    }

    @Override
    public void start(Request request) {
        long place = request.place();
        List<ByteBuffer> ofLegs = views.get(request.block());
        for (int leg = 0; leg < channels.size(); leg++) {
            DataBuffer bytes =
                    DefaultDataBufferFactory.sharedInstance.wrap(ofLegs.get(leg).clear());
            DataBufferUtils.write(Mono.just(bytes), channels.get(leg), place)
                    .subscribe(written -> request.legEnded(written.readableByteCount()), request::failed);
        }
    }

    @Override
    public void close() throws IOException {
        for (AsynchronousFileChannel channel : channels) {
            channel.close();
        }
    }
}
