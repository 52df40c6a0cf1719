/** {@code dmio}, the mirroring app: the demo, the copier and the inspector. */
@NullMarked
package io.dmio.examples.app;

import org.jspecify.annotations.NullMarked;
