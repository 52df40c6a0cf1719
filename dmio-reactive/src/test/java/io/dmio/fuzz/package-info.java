/**
 * Fuzzing: any bytes for inputs, numbers and whole sequences of calls, and the models that say what must come of them. How to look
 * for more is told in {@code docs/testing.md}.
 */
@NullMarked
package io.dmio.fuzz;

import org.jspecify.annotations.NullMarked;
