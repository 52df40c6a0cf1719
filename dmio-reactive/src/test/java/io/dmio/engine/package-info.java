/** The engines against the contract, and what is theirs alone. */
@NullMarked
package io.dmio.engine;

import org.jspecify.annotations.NullMarked;
