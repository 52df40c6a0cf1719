/** What all commands share, on texts and files. */
@NullMarked
package io.dmio.app.cli;

import org.jspecify.annotations.NullMarked;
