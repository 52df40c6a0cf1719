package io.dmio.mirror;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.UUID;

/** Little-endian numbers in byte arrays, as all metadata has them. */
final class LittleEndian {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private LittleEndian() {}

    static long getLong(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    static void putLong(byte[] bytes, int at, long value) {
        LONG.set(bytes, at, value);
    }

    static int getInt(byte[] bytes, int at) {
        return (int) INT.get(bytes, at);
    }

    static void putInt(byte[] bytes, int at, int value) {
        INT.set(bytes, at, value);
    }

    static UUID getUuid(byte[] bytes, int at) {
        return new UUID(getLong(bytes, at), getLong(bytes, at + Long.BYTES));
    }

    static void putUuid(byte[] bytes, int at, UUID id) {
        putLong(bytes, at, id.getMostSignificantBits());
        putLong(bytes, at + Long.BYTES, id.getLeastSignificantBits());
    }
}
