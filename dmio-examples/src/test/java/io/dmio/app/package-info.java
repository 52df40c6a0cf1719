/** The app, from its arithmetic to its command line. */
@NullMarked
package io.dmio.app;

import org.jspecify.annotations.NullMarked;
