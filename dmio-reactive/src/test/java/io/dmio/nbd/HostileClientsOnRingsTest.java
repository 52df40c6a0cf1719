package io.dmio.nbd;

import io.dmio.engine.UringHere;

/** An engine's event loops, which serve files, too, survive them. */
class HostileClientsOnRingsTest extends HostileClientsTest {

    @Override
    NbdServer.Builder builder() {
        return NbdServer.builder().eventLoops(UringHere.shared().eventLoops().orElseThrow());
    }
}
