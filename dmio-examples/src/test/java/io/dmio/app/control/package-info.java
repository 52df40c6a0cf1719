/** Tests of the package of the same name. */
@NullMarked
package io.dmio.app.control;

import org.jspecify.annotations.NullMarked;
