/** Both ends of the wire: against each other, against a scripted client, and against real tools. */
@NullMarked
package io.dmio.nbd;

import org.jspecify.annotations.NullMarked;
