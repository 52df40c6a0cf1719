package io.dmio.nbd.server;

import io.dmio.nbd.NbdServer;
import io.dmio.nbd.NbdTestServer;

/** All of it holds on the event loops of an engine, whose sockets are read and written through its ring. */
class ServerSessionOnRingsTest extends ServerSessionTest {

    @Override
    public NbdServer.Builder builder() {
        return NbdTestServer.onRings();
    }
}
