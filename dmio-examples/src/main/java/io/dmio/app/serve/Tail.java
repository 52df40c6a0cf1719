package io.dmio.app.serve;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.FilePath;
import io.dmio.nbd.NbdDevice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** The bytes of a file or an export after its last whole block, which no device has. */
final class Tail {

    private Tail() {}

    /** Returns how many there are. */
    static int bytes(FileId id, BlockDevice device) {
        long all = device instanceof NbdDevice export ? export.bytes() : id.bytes();
        return (int) Math.max(0, all - device.info().bytes()); // of a disk none are known
    }

    /** Reads these bytes; blocks. */
    static byte[] read(FileId id, BlockDevice device, int bytes) {
        return device instanceof NbdDevice export
                ? ofExport(export, bytes)
                : ofFile(id, device.info().bytes(), bytes);
    }

    private static byte[] ofExport(NbdDevice export, int bytes) {
        int block = export.info().logicalBlockBytes();
        ByteBuf memory = Unpooled.directBuffer(block, block);
        try {
            export.padded()
                    .submit(new BlockOp.Read(export.info().sectorCount(), memory))
                    .block();
            byte[] tail = new byte[bytes];
            memory.getBytes(0, tail);
            return tail;
        } finally {
            memory.release();
        }
    }

    private static byte[] ofFile(FileId id, long from, int bytes) {
        ByteBuffer tail = ByteBuffer.allocate(bytes);
        try (FileChannel file = FileChannel.open(FilePath.of(id.given()))) {
            while (tail.hasRemaining()) {
                if (file.read(tail, from + tail.position()) < 0) {
                    throw new EOFException("it became shorter while it was opened");
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return tail.array();
    }
}
