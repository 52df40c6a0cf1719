package io.dmio.mirror.disk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.UUID;

/** Little-endian numbers in byte arrays, as all metadata has them. */
public final class LittleEndian {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private LittleEndian() {}

    public static long getLong(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    public static void putLong(byte[] bytes, int at, long value) {
        LONG.set(bytes, at, value);
    }

    public static int getInt(byte[] bytes, int at) {
        return (int) INT.get(bytes, at);
    }

    public static void putInt(byte[] bytes, int at, int value) {
        INT.set(bytes, at, value);
    }

    public static UUID getUuid(byte[] bytes, int at) {
        return new UUID(getLong(bytes, at), getLong(bytes, at + Long.BYTES));
    }

    public static void putUuid(byte[] bytes, int at, UUID id) {
        putLong(bytes, at, id.getMostSignificantBits());
        putLong(bytes, at + Long.BYTES, id.getLeastSignificantBits());
    }
}
