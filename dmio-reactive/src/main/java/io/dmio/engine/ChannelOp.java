package io.dmio.engine;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Sectors;
import io.dmio.memory.Views;
import io.netty.buffer.ByteBuf;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;

/** An operation by a channel's positional calls: one call for each part of the memory, repeated for what was cut short. */
final class ChannelOp extends FileOp {

    private static final ByteBuffer[] NONE = {};

    private final ChannelFile file;
    private ByteBuffer[] parts = NONE;

    ChannelOp(ChannelFile file, BlockOp op, CoreSubscriber<? super Void> actual) {
        super(op, actual);
        this.file = file;
    }

    @Override
    ChannelFile file() {
        return file;
    }

    @Override
    void prepare(BlockOp op, @Nullable ByteBuf bytes) {
        if (bytes != null) {
            parts = Views.parts(bytes, 0, (int) Sectors.toBytes(op.sectorCount()));
        }
    }

    @Override
    void callRest() {
        BlockOp op = asked();
        try {
            ChannelThread.call(() -> {
                call(op);
                return op;
            });
        } catch (EOFException end) {
            throw DeviceException.of(Errno.EIO, file.info().name(), op, "" + end.getMessage());
        } catch (IOException failed) {
            throw DeviceException.of(JdkErrno.of(failed), file.info().name(), op, JdkErrno.words(failed));
        }
    }

    private void call(BlockOp op) throws IOException {
        FileChannel channel = file.channel();
        switch (op.kind()) {
            case READ -> read(channel);
            case WRITE -> {
                write(channel);
                if (((BlockOp.Write) op).fua()) {
                    channel.force(true);
                }
            }
            case FLUSH -> channel.force(true);
            case DISCARD, WRITE_ZEROES ->
                throw new UnsupportedOperationException(op.kind() + ", which the file says it cannot");
        }
    }

    private void read(FileChannel channel) throws IOException {
        long at = Sectors.toBytes(asked().sector());
        for (ByteBuffer part : parts) {
            while (part.hasRemaining()) {
                int count = channel.read(part, at);
                if (count < 0) {
                    throw new EOFException(
                            "end of file inside the range, at byte " + at + ": the file was truncated while open");
                }
                at += count;
            }
        }
    }

    private void write(FileChannel channel) throws IOException {
        long at = Sectors.toBytes(asked().sector());
        for (ByteBuffer part : parts) {
            at = ChannelOpener.writeAll(channel, part, at);
        }
    }

    @Override
    void forget() {
        parts = NONE;
    }
}
