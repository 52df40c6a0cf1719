/** Copying, from its arithmetic to its command line. */
@NullMarked
package io.dmio.app.copy;

import org.jspecify.annotations.NullMarked;
