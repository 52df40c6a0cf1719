package io.dmio.bench.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The JDK's {@link FileChannel}, direct, as reactive programs use it: {@code fromCallable}, {@code subscribeOn} the shared
 * {@code boundedElastic}, {@code flatMap} over the legs. That scheduler has ten threads a processor, so on a small machine
 * fewer calls run at once than requests are in flight. With {@code waits}, a plain call on the calling thread instead.
 */
final class ChannelPeer implements Peer {

    private final boolean read;
    private final boolean waits;
    private final List<FileChannel> channels = new ArrayList<>();
    private final List<List<ByteBuffer>> views;
    private final Scheduler elastic = Schedulers.boundedElastic();

    private ChannelPeer(Setting setting, boolean waits) throws IOException {
        this.read = setting.work().read();
        this.waits = waits;
        this.views = setting.views();
        for (Path leg : setting.legs()) {
            channels.add(FileChannel.open(leg, DirectOption.readWrite()));
        }
    }

    static Peer onBoundedElastic(Setting setting) throws IOException {
        return new ChannelPeer(setting, false);
    }

    static Peer called(Setting setting) throws IOException {
        return new ChannelPeer(setting, true);
    }

    @Override
    public void start(Request request) {
        long place = request.place();
        int block = request.block();
        if (waits) {
            call(request, block, place);
            return;
        }
        Flux.range(0, channels.size())
                .flatMap(leg ->
                        Mono.fromCallable(() -> transfer(leg, block, place)).subscribeOn(elastic))
                .subscribe(request::legEnded, request::failed);
    }

    private void call(Request request, int block, long place) {
        try {
            for (int leg = 0; leg < channels.size(); leg++) {
                request.legEnded(transfer(leg, block, place));
            }
        } catch (IOException failed) {
            request.failed(failed);
        }
    }

    private int transfer(int leg, int block, long place) throws IOException {
        ByteBuffer bytes = views.get(block).get(leg).clear();
        return read ? channels.get(leg).read(bytes, place) : channels.get(leg).write(bytes, place);
    }

    @Override
    public void close() throws IOException {
        for (FileChannel channel : channels) {
            channel.close();
        }
    }
}
