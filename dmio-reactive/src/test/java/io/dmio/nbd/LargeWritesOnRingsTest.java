package io.dmio.nbd;

import io.dmio.engine.UringHere;

/** The same where the kernel fills the memory on its own, through a ring. */
class LargeWritesOnRingsTest extends LargeWritesTest {

    @Override
    NbdServer.Builder builder() {
        return NbdServer.builder().eventLoops(UringHere.shared().eventLoops().orElseThrow());
    }
}
