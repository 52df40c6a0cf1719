/**
 * Brings the library and what its NBD server and client need, by TLS or not ({@code io.dmio.Feature.NBD}): {@code netty-transport}, {@code
 * netty-codec-base} and {@code netty-handler}.
 *
 * <p>It has no types of its own. The API is that of the module {@code io.dmio}, whose Javadoc comes with the jar {@code dmio-reactive} of the
 * same version.
 */
module io.dmio.with.nbd {
    requires transitive io.dmio;
    requires transitive io.netty.handler;
    requires transitive io.netty.transport;
    requires io.netty.codec;
    requires io.netty.resolver;
}
