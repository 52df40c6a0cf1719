package io.dmio.app.copy;

import io.dmio.DmIo;
import io.dmio.device.MemoryDevice;
import java.util.Arrays;
import java.util.Random;

/** Two legs in memory, a client, and what is copied. */
abstract class CopyFixture {

    static final int MIB = 1 << 20;

    final DmIo client = DmIo.create().get(64); // pieces of 16 pages, 128 sectors
    final MemoryDevice a = MemoryDevice.of("a", 4 * MIB / 512);
    final MemoryDevice b = MemoryDevice.of("b", 4 * MIB / 512);

    /** Bytes that look like chance, always the same for a length. */
    static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** What a leg holds before it is written. */
    static byte[] filled(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 'z');
        return bytes;
    }
}
