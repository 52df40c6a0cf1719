/** The library, and what its NBD server and client need ({@code io.dmio.Feature.NBD}). */
module io.dmio.with.nbd {
    requires transitive io.dmio;
    requires transitive io.netty.handler;
    requires transitive io.netty.transport;
    requires io.netty.codec;
    requires io.netty.resolver;
}
