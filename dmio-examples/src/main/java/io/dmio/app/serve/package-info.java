/** {@code dmio serve}: devices for NBD clients. */
@NullMarked
package io.dmio.app.serve;

import org.jspecify.annotations.NullMarked;
