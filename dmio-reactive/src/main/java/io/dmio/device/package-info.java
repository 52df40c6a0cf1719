/**
 * Devices that need no file: memory, and a wrapper that makes any device fail as told. They are part of the library, not of
 * its tests, so that users can test their own code with them.
 */
@NullMarked
package io.dmio.device;

import org.jspecify.annotations.NullMarked;
