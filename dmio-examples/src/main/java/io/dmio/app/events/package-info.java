/** What happens to a mirror that is served: the log, and the program that an operator has for it. */
@NullMarked
package io.dmio.app.events;

import org.jspecify.annotations.NullMarked;
