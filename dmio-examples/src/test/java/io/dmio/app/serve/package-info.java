/** The server as a process. */
@NullMarked
package io.dmio.app.serve;

import org.jspecify.annotations.NullMarked;
