/**
 * Brings the library and what its io_uring engine needs ({@code io.dmio.Feature.IO_URING}): {@code netty-transport}, {@code
 * netty-transport-classes-io_uring}, and {@code netty-transport-native-io_uring} for x86_64 and arm64. The native part has one module name
 * for each processor that it is made for, so that none can require it: it belongs on the class path.
 *
 * <p>It has no types of its own. The API is that of the module {@code io.dmio}, whose Javadoc comes with the jar {@code dmio-reactive} of
 * the same version.
 */
module io.dmio.with.uring {
    requires transitive io.dmio;
    requires transitive io.netty.transport;
    requires io.netty.transport.classes.io_uring;
    requires io.netty.transport.unix.common;
}
