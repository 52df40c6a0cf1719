package io.dmio.bench.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.CompletionHandler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;

/**
 * The JDK's {@link AsynchronousFileChannel}, direct, on its default pool: a completion handler for each leg. With
 * {@code waits}, {@code Future.get} on the calling thread instead.
 */
final class AsynchronousChannelPeer implements Peer {

    private final boolean read;
    private final boolean waits;
    private final List<AsynchronousFileChannel> channels;
    private final List<List<ByteBuffer>> views;

    private AsynchronousChannelPeer(Setting setting, boolean waits) throws IOException {
        this.read = setting.work().read();
        this.waits = waits;
        this.channels = openAll(setting.legs());
        this.views = setting.views();
    }

    static Peer withHandlers(Setting setting) throws IOException {
        return new AsynchronousChannelPeer(setting, false);
    }

    static Peer withFutures(Setting setting) throws IOException {
        return new AsynchronousChannelPeer(setting, true);
    }

    static List<AsynchronousFileChannel> openAll(List<Path> legs) throws IOException {
        List<AsynchronousFileChannel> channels = new ArrayList<>();
        for (Path leg : legs) {
            channels.add(AsynchronousFileChannel.open(leg, DirectOption.readWrite(), null));
        }
        return channels;
    }

    @Override
    public void start(Request request) {
        long place = request.place();
        List<ByteBuffer> ofLegs = views.get(request.block());
        for (int leg = 0; leg < channels.size(); leg++) {
            AsynchronousFileChannel channel = channels.get(leg);
            ByteBuffer bytes = ofLegs.get(leg).clear();
            if (waits) {
                await(request, channel, bytes, place);
            } else if (read) {
                channel.read(bytes, place, request, Told.HERE);
            } else {
                channel.write(bytes, place, request, Told.HERE);
            }
        }
    }

    private void await(Request request, AsynchronousFileChannel channel, ByteBuffer bytes, long place) {
        try {
            request.legEnded((read ? channel.read(bytes, place) : channel.write(bytes, place)).get());
        } catch (ExecutionException | InterruptedException failed) {
            request.failed(failed);
        }
    }

    @Override
    public void close() throws IOException {
        for (AsynchronousFileChannel channel : channels) {
            channel.close();
        }
    }

    private enum Told implements CompletionHandler<Integer, Request> {
        HERE;

        @Override
        public void completed(Integer bytes, Request request) {
            request.legEnded(bytes);
        }

        @Override
        public void failed(Throwable cause, Request request) {
            request.failed(cause);
        }
    }
}
