/** {@code dmio bench}: measures which engine, depth and block size suit a device. */
@NullMarked
package io.dmio.app.bench;

import org.jspecify.annotations.NullMarked;
