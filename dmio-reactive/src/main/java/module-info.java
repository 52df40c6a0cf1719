/**
 * dm-io for reactive Java. What is exported is the API; optional jars are asked for by name when they are first needed
 * ({@link io.dmio.Feature}), and a module of each feature brings them: {@code io.dmio.with.nbd}, {@code io.dmio.with.uring},
 * {@code io.dmio.with.metrics}.
 */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"
}) // Reactor and JNR have names, but no descriptors
module io.dmio {
    requires transitive io.netty.buffer;
    requires transitive org.reactivestreams;
    requires transitive reactor.core;
    requires io.netty.common;
    requires jdk.jfr;
    requires org.jnrproject.constants;
    requires org.jnrproject.ffi;
    requires org.jnrproject.jffi;
    requires org.jnrproject.posix;
    requires org.objectweb.asm; // for JNR, which has no descriptor to require it
    requires org.slf4j;
    requires static transitive org.jspecify;

    // Optional, each with what brings it. Not transitive: who requires this module could not be compiled without them.
    // NBD, and event loops
    requires static io.netty.handler;
    requires static io.netty.transport;
    requires static io.netty.codec;
    requires static io.netty.resolver;
    // io_uring
    requires static io.netty.transport.classes.io_uring;
    requires static io.netty.transport.unix.common;
    // meters
    requires static micrometer.core;

    exports io.dmio;
    exports io.dmio.copy;
    exports io.dmio.device;
    exports io.dmio.engine;
    exports io.dmio.metrics;
    exports io.dmio.mirror;
    exports io.dmio.nbd;
}
