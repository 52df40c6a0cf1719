/** The app, from its arithmetic to its command line. */
@NullMarked
package io.dmio.examples.app;

import org.jspecify.annotations.NullMarked;
