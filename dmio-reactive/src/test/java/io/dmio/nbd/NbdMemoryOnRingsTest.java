package io.dmio.nbd;

/** The same on an engine's event loops. */
class NbdMemoryOnRingsTest extends NbdMemoryTest {
    @Override
    public NbdServer.Builder builder() {
        return NbdTestServer.onRings();
    }
}
