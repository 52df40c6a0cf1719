package io.dmio;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SeekableByteChannel;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

/** A blocking channel over {@link DeviceBytes}. */
final class DeviceChannel implements SeekableByteChannel {

    private static final int STEP_BYTES = 1 << 20;

    private final DeviceBytes bytes;
    private long position;
    private boolean written; // something was written and not flushed yet
    private boolean closed;

    DeviceChannel(DeviceBytes bytes) {
        this.bytes = bytes;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        requireOpen();
        if (into.isReadOnly()) {
            throw new IllegalArgumentException("the buffer to read into is read-only");
        }
        long left = bytes.size() - position;
        if (left <= 0 && into.hasRemaining()) {
            return -1;
        }
        int count = (int) Math.min(Math.min(into.remaining(), left), STEP_BYTES);
        if (count <= 0) {
            return 0;
        }
        ByteBuf read = Objects.requireNonNull(await(() -> bytes.read(position, count)));
        int limit = into.limit();
        try {
            read.getBytes(0, into.limit(into.position() + count));
        } finally {
            into.limit(limit);
            read.release();
        }
        position += count;
        return count;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        requireOpen();
        int all = from.remaining();
        if (all > 0 && bytes.size() - position < all) {
            throw new IOException(
                    all + " bytes at " + position + " do not fit into a region of " + bytes.size() + " bytes");
        }
        while (from.hasRemaining()) {
            int count = Math.min(from.remaining(), STEP_BYTES);
            writeCopy(from.slice(from.position(), count));
            from.position(from.position() + count);
            position += count;
        }
        return all;
    }

    // Writes from a copy, which the device may keep: the caller
    // may reuse its memory even if an interrupt ends the wait.
    private void writeCopy(ByteBuffer step) throws IOException {
        SyncCall.requireMayBlock();
        ByteBuf copy = PagePool.shared().allocate(step.remaining());
        try {
            copy.writeBytes(step);
            written = true;
            await(() -> bytes.write(position, copy));
        } finally {
            copy.release();
        }
    }

    @Override
    public long position() throws IOException {
        requireOpen();
        return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) throws IOException {
        requireOpen();
        if (newPosition < 0) {
            throw new IllegalArgumentException("position " + newPosition + " is before the first byte");
        }
        position = newPosition;
        return this;
    }

    @Override
    public long size() throws IOException {
        requireOpen();
        return bytes.size();
    }

    @Override
    public SeekableByteChannel truncate(long size) throws IOException {
        requireOpen();
        if (size < 0) {
            throw new IllegalArgumentException("a size of " + size + " bytes");
        }
        if (size < bytes.size()) {
            throw new IOException("a region cannot be made shorter");
        }
        position = Math.min(position, size);
        return this;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        if (written) {
            SyncCall.requireMayBlock(); // if not, it stays open, with what is not durable
        }
        closed = true;
        if (written) {
            await(bytes::flush);
        }
    }

    private void requireOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    private static <T> @Nullable T await(Supplier<Mono<T>> work) throws IOException {
        SyncCall.requireMayBlock();
        try {
            return SyncCall.result(work.get());
        } catch (RuntimeException failure) {
            Throwable why = Exceptions.unwrap(failure);
            if (why instanceof InterruptedException) {
                throw (IOException) new InterruptedIOException("interrupted; what was begun runs out").initCause(why);
            }
            throw new IOException(why.getMessage(), why);
        }
    }
}
