/** The live page of a server, and its control endpoint for browsers: HTTP on TCP, for those that have the token. */
@NullMarked
package io.dmio.app.page;

import org.jspecify.annotations.NullMarked;
