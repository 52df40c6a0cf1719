package io.dmio.engine;

import org.junit.jupiter.api.Nested;

/** The uring engine's block devices: 512 and 4,096-byte sectors, through the page cache and past it. */
class UringLoopTest {

    @Nested
    class Direct512 extends LoopContract {
        Direct512() {
            super(UringHere.shared(), 512, true);
        }
    }

    @Nested
    class Direct4096 extends LoopContract {
        Direct4096() {
            super(UringHere.shared(), 4096, true);
        }
    }

    @Nested
    class Buffered512 extends LoopContract {
        Buffered512() {
            super(UringHere.shared(), 512, false);
        }
    }

    @Nested
    class Buffered4096 extends LoopContract {
        Buffered4096() {
            super(UringHere.shared(), 4096, false);
        }
    }
}
