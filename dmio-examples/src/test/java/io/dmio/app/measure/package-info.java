/** The bench, on numbers and on devices in memory. */
@NullMarked
package io.dmio.app.measure;

import org.jspecify.annotations.NullMarked;
