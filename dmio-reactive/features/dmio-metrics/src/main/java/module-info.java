/**
 * Brings the library and what its meters for Micrometer need: {@code micrometer-core}.
 *
 * <p>It has no types of its own. The API is that of the module {@code io.dmio}, whose Javadoc comes with the jar {@code dmio-reactive} of the
 * same version.
 */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // Micrometer has a name, but no descriptor
module io.dmio.with.metrics {
    requires transitive io.dmio;
    requires transitive micrometer.core;
}
