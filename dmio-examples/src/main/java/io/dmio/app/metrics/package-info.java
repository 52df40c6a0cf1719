/** What monitoring sees of a server: Prometheus' text, and whether all is well. */
@NullMarked
package io.dmio.app.metrics;

import org.jspecify.annotations.NullMarked;
