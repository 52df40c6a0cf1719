package io.dmio.engine;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Extent;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;

/** An open file behind a channel of the JDK. The JDK knows no holes, so all of the file may hold data. */
final class ChannelFile extends OpenFile {

    private final FileChannel channel;

    @SuppressWarnings("UnusedVariable") // kept: the JDK forgets a lock that nobody holds
    private final @Nullable FileLock lock;

    /**
     * Owns the channel from here on.
     *
     * @param lock the lock of the file, if it is locked
     * @param blocking its threads are {@link ChannelThread}s
     */
    ChannelFile(FileChannel channel, @Nullable FileLock lock, DeviceInfo info, Executor blocking) {
        super(info, new FileQuirks(false, false, 1), blocking);
        this.channel = channel;
        this.lock = lock;
    }

    FileChannel channel() {
        return channel;
    }

    @Override
    ChannelOp op(BlockOp op, CoreSubscriber<? super Void> actual) {
        return new ChannelOp(this, op, actual);
    }

    @Override
    List<Extent> extents(long sector, long sectorCount) {
        Optional<DeviceException> refused = info().extentsRefusal(sector, sectorCount);
        if (refused.isPresent()) {
            throw refused.get();
        }
        return List.of(new Extent(sector, sectorCount, Extent.Kind.DATA));
    }

    /** Returns false: somebody could interrupt another thread, and the JDK would close the channel. */
    @Override
    boolean mayUseAnyThread() {
        return false;
    }

    @Override
    void closeHandle() {
        try {
            channel.close();
        } catch (IOException reported) {
            throw JdkErrno.failure(info().name(), "closing reported a failure", reported);
        }
    }
}
