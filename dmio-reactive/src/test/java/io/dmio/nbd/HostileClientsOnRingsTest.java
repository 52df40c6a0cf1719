package io.dmio.nbd;

/** An engine's event loops, which serve files, too, survive them. */
class HostileClientsOnRingsTest extends HostileClientsTest {

    @Override
    public NbdServer.Builder builder() {
        return NbdTestServer.onRings();
    }
}
