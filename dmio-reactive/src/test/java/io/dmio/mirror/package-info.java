/** Facts about mirrors, and their simulation. */
@NullMarked
package io.dmio.mirror;

import org.jspecify.annotations.NullMarked;
