/** {@code dmio demo}: three legs, one of which fails and is repaired. */
@NullMarked
package io.dmio.app.demo;

import org.jspecify.annotations.NullMarked;
