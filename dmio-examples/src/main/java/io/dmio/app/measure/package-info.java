/** Measures devices under load: the variants, the load, what was measured, and the advice. Knows no command line. */
@NullMarked
package io.dmio.app.measure;

import org.jspecify.annotations.NullMarked;
