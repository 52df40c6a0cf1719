/** Draws line charts as SVG. Knows nothing of what they show. */
@NullMarked
package io.dmio.examples.app.chart;

import org.jspecify.annotations.NullMarked;
