/** What all commands share: the console, options, progress, tables, sizes, and what a path names. */
@NullMarked
package io.dmio.app.cli;

import org.jspecify.annotations.NullMarked;
