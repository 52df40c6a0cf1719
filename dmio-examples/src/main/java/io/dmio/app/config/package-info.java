/** Configuration files: the options of a command by their long names, in TOML. */
@NullMarked
package io.dmio.app.config;

import org.jspecify.annotations.NullMarked;
