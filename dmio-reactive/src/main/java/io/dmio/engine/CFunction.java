package io.dmio.engine;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;

/**
 * A function of the C library, called by jffi, on which jnr-posix stands. Bindings by annotated interfaces, one layer higher, write classes
 * at each start of a JVM, which takes longer than the rest of a short program, and calls are no faster by them. Arguments are numbers;
 * addresses and sizes are {@link #LONG}. Every call answers like the kernel itself: zero or more, or minus the errno.
 */
final class CFunction {

    /** The type of a C {@code int}. */
    static final Type INT = Type.SINT32;

    /** The type of an address, a size, an offset or a C {@code long}. */
    static final Type LONG = Type.SINT64;

    private static final Library PROCESS = Library.getDefault(); // the JVM itself is linked with the C library
    private static final Invoker INVOKER = Invoker.getInstance();
    private static final LastError ERRNO = LastError.getInstance();

    private final long address;
    private final CallContext shape;
    private final boolean narrow;

    private CFunction(String name, CallContext shape, boolean narrow) {
        address = PROCESS.getSymbolAddress(name);
        this.shape = shape;
        this.narrow = narrow;
        if (address == 0) {
            throw new UnsatisfiedLinkError("the C library has no " + name);
        }
    }

    /** Returns the function of this name and these parameters, which gives a {@code long}. */
    static CFunction ofLong(String name, Type... parameters) {
        return new CFunction(name, shape(LONG, parameters.length, parameters), false);
    }

    /** Returns the function of this name and these parameters, which gives an {@code int}. */
    static CFunction ofInt(String name, Type... parameters) {
        return new CFunction(name, shape(INT, parameters.length, parameters), true);
    }

    /** Returns the function of this name, which gives an {@code int}; only so many of its parameters are declared, and then there are dots. */
    static CFunction variadic(String name, int declared, Type... parameters) {
        return new CFunction(name, shape(INT, declared, parameters), true);
    }

    private static CallContext shape(Type result, int declared, Type[] parameters) {
        return declared < parameters.length
                ? CallContext.getCallContext(result, declared, parameters, CallingConvention.DEFAULT, true)
                : CallContext.getCallContext(result, parameters, CallingConvention.DEFAULT, true);
    }

    long call(long a) {
        return answer(INVOKER.invokeN1(shape, address, a));
    }

    long call(long a, long b) {
        return answer(INVOKER.invokeN2(shape, address, a, b));
    }

    long call(long a, long b, long c) {
        return answer(INVOKER.invokeN3(shape, address, a, b, c));
    }

    long call(long a, long b, long c, long d) {
        return answer(INVOKER.invokeN4(shape, address, a, b, c, d));
    }

    long call(long a, long b, long c, long d, long e) {
        return answer(INVOKER.invokeN5(shape, address, a, b, c, d, e));
    }

    // Read at once: errno belongs to the thread, and the next call overwrites it. Of an int, the upper half of the
    // register says nothing.
    private long answer(long register) {
        long result = narrow ? (int) register : register;
        return result >= 0 ? result : -errno();
    }

    /** Returns the errno of the last call that this thread made by JNR. */
    static int errno() {
        return ERRNO.get();
    }
}
