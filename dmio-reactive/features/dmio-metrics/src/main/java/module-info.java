/** The library, and what its meters for Micrometer need. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // Micrometer has a name, but no descriptor
module io.dmio.with.metrics {
    requires transitive io.dmio;
    requires transitive micrometer.core;
}
