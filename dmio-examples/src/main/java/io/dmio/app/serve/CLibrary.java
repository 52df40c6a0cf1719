package io.dmio.app.serve;

import jnr.ffi.LibraryLoader;

/** The functions of the C library for which the JDK has no way; public only for the stub, which is made in another class loader. */
public interface CLibrary {

    /** See socket(2). */
    int socket(int domain, int type, int protocol);

    /** See sendto(2). */
    long sendto(int fd, byte[] bytes, long length, int flags, byte[] address, int addressBytes);

    /** See write(2). */
    long write(int fd, byte[] bytes, long length);

    /** See close(2). */
    int close(int fd);

    /** Holds the stub, which is made once, when it is needed. */
    final class Stub {
        static final CLibrary CALLS =
                LibraryLoader.create(CLibrary.class).failImmediately().load("c");

        private Stub() {}
    }
}
