/** {@code dmio info}: shows what a device promises. */
@NullMarked
package io.dmio.app.info;

import org.jspecify.annotations.NullMarked;
