/** Tests of the package of this name. */
@NullMarked
package io.dmio.app.schedule;

import org.jspecify.annotations.NullMarked;
