/** The mirror commands. */
@NullMarked
package io.dmio.app.mirror;

import org.jspecify.annotations.NullMarked;
