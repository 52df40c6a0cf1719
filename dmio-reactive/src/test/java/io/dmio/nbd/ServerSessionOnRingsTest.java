package io.dmio.nbd;

/** All of it holds on the event loops of an engine, whose sockets are read and written through its ring. */
class ServerSessionOnRingsTest extends ServerSessionTest {

    @Override
    NbdServer.Builder builder() {
        return NbdTestServer.onRings();
    }
}
