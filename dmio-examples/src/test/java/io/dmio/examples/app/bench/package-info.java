/** The bench, on numbers and on devices in memory. */
@NullMarked
package io.dmio.examples.app.bench;

import org.jspecify.annotations.NullMarked;
