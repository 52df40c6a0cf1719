/** How a server that runs is asked: HTTP and JSON on a unix socket in a run directory, and both ends of it. */
@NullMarked
package io.dmio.app.control;

import org.jspecify.annotations.NullMarked;
