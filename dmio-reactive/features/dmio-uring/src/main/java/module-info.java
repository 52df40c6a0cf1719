/**
 * Brings the library and what its io_uring engine needs ({@code io.dmio.Feature.IO_URING}) but for the native part. That has one module
 * name for each processor that it is made for, so that none can require it: it belongs on the class path.
 *
 * <p>It has no types of its own: the API is that of the module {@code io.dmio}, whose Javadoc comes with the jar {@code dmio-reactive} of
 * the same version.
 */
module io.dmio.with.uring {
    requires transitive io.dmio;
    requires transitive io.netty.transport;
    requires io.netty.transport.classes.io_uring;
    requires io.netty.transport.unix.common;
}
