/** Draws line charts as SVG. Knows nothing of what they show. */
@NullMarked
package io.dmio.app.chart;

import org.jspecify.annotations.NullMarked;
