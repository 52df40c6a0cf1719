/** Charts, as XML and as numbers. */
@NullMarked
package io.dmio.app.chart;

import org.jspecify.annotations.NullMarked;
