/** Short programs with {@code io.dmio}, one idea each; start with {@link io.dmio.examples.Tour}. */
@NullMarked
package io.dmio.examples;

import org.jspecify.annotations.NullMarked;
