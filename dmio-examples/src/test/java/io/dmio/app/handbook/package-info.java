/** The operator's handbook, rehearsed. */
@NullMarked
package io.dmio.app.handbook;

import org.jspecify.annotations.NullMarked;
