/** {@code dmio}, the mirroring app: where it starts, and how it ends. Each command has a package of its own. */
@NullMarked
package io.dmio.app;

import org.jspecify.annotations.NullMarked;
