/** Charts, as XML and as numbers. */
@NullMarked
package io.dmio.examples.app.chart;

import org.jspecify.annotations.NullMarked;
