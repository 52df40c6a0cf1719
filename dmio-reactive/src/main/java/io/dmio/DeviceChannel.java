package io.dmio;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SeekableByteChannel;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** {@link DeviceBytes} as a channel that blocks. */
final class DeviceChannel implements SeekableByteChannel {

    private static final int STEP_BYTES = 1 << 20;

    private final DeviceBytes bytes;
    private long position;
    private boolean closed;

    DeviceChannel(DeviceBytes bytes) {
        this.bytes = bytes;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        requireOpen();
        long left = bytes.size() - position;
        if (left <= 0 && into.hasRemaining()) {
            return -1;
        }
        int count = (int) Math.min(Math.min(into.remaining(), left), STEP_BYTES);
        if (count <= 0) {
            return 0;
        }
        ByteBuf read = Objects.requireNonNull(wait(() -> bytes.read(position, count)));
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
        long left = bytes.size() - position;
        if (left < from.remaining()) {
            throw new IOException(from.remaining() + " bytes at " + position + " do not fit into a region of "
                    + bytes.size() + " bytes");
        }
        int all = from.remaining();
        while (from.hasRemaining()) {
            int count = Math.min(from.remaining(), STEP_BYTES);
            ByteBuf step = Unpooled.wrappedBuffer(from.slice(from.position(), count));
            wait(() -> bytes.write(position, step));
            from.position(from.position() + count);
            position += count;
        }
        return all;
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
        if (!closed) {
            closed = true;
            wait(bytes::flush);
        }
    }

    private void requireOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    private static <T> @Nullable T wait(Supplier<Mono<T>> work) throws IOException {
        try {
            return work.get().block();
        } catch (DeviceException failure) {
            throw new IOException(failure.getMessage(), failure);
        }
    }
}
