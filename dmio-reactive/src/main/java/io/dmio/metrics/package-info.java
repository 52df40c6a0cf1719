/**
 * Numbers about devices, mirrors, copies and NBD, for Micrometer and for Java Flight Recorder. A device is measured only when it is wrapped,
 * and nothing of this package is loaded before it is used. Micrometer is needed by all meters but {@link io.dmio.metrics.IoEvent}, which is
 * Java Flight Recorder's.
 */
@NullMarked
package io.dmio.metrics;

import org.jspecify.annotations.NullMarked;
