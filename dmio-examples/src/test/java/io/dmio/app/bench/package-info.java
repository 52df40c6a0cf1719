/** The bench command. */
@NullMarked
package io.dmio.app.bench;

import org.jspecify.annotations.NullMarked;
