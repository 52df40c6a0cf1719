/** The examples do what they say. */
@NullMarked
package io.dmio.examples;

import org.jspecify.annotations.NullMarked;
