/** Tests of the package of this name. */
@NullMarked
package io.dmio.app.metrics;

import org.jspecify.annotations.NullMarked;
