/** Facts about meters and events. */
@NullMarked
package io.dmio.metrics;

import org.jspecify.annotations.NullMarked;
