/** Asking a server that runs: HTTP and JSON on a unix socket in a run directory, and both ends of it. */
@NullMarked
package io.dmio.app.control;

import org.jspecify.annotations.NullMarked;
