/** A program on the module path; the same jar runs on the class path, too. */
module consumer.plain {
    requires io.dmio.with.metrics;
    requires io.dmio.with.nbd;
    requires io.dmio.with.uring;
}
