/** Facts about the devices that need no file. */
@NullMarked
package io.dmio.device;

import org.jspecify.annotations.NullMarked;
