/** {@code dmio mirror}: what operators do with mirrors. */
@NullMarked
package io.dmio.app.mirror;

import org.jspecify.annotations.NullMarked;
