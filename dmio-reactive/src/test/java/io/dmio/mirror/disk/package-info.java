/** Tests of what is on a leg. */
@NullMarked
package io.dmio.mirror.disk;

import org.jspecify.annotations.NullMarked;
