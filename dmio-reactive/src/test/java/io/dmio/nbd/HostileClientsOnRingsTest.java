package io.dmio.nbd;

/** An engine's event loops, which serve files, too, survive them. */
class HostileClientsOnRingsTest extends HostileClientsTest {

    @Override
    NbdServer.Builder builder() {
        return NbdTestServer.onRings();
    }
}
