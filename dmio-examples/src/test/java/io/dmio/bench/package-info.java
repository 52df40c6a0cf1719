/** Measurements, run by hand. */
@NullMarked
package io.dmio.bench;

import org.jspecify.annotations.NullMarked;
