/** Tests of the package of this name, in a real browser where one is installed. */
@NullMarked
package io.dmio.app.page;

import org.jspecify.annotations.NullMarked;
