/** Tests of the package of this name. */
@NullMarked
package io.dmio.app.events;

import org.jspecify.annotations.NullMarked;
