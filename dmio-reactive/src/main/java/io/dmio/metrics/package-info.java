/**
 * Numbers about devices: a wrapper that times operations, for Micrometer and for Java Flight Recorder. Off unless a device is
 * wrapped; nothing here is loaded before, and Micrometer is needed only by {@link io.dmio.metrics.MicrometerMeter}.
 */
@NullMarked
package io.dmio.metrics;

import org.jspecify.annotations.NullMarked;
