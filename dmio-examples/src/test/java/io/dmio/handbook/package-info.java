/** The operator's handbook, rehearsed. */
@NullMarked
package io.dmio.handbook;

import org.jspecify.annotations.NullMarked;
