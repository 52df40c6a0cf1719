/** Facts about copies. */
@NullMarked
package io.dmio.copy;

import org.jspecify.annotations.NullMarked;
