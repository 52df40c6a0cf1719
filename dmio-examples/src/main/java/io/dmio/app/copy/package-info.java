/** {@code dmio copy}: streams and devices to many destinations. */
@NullMarked
package io.dmio.app.copy;

import org.jspecify.annotations.NullMarked;
