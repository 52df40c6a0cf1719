package io.dmio.nbd;

/** The same where the kernel fills the memory on its own, through a ring. */
class LargeWritesOnRingsTest extends LargeWritesTest {

    @Override
    public NbdServer.Builder builder() {
        return NbdTestServer.onRings();
    }
}
