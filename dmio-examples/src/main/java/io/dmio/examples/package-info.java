/** Short programs with {@code io.dmio}, one idea each; {@link io.dmio.examples.Tour} first. */
@NullMarked
package io.dmio.examples;

import org.jspecify.annotations.NullMarked;
