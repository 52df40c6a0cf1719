/** What pages show, held against what there is: each command, file and listing of the README and docs/ has a check, found by itself. */
@NullMarked
package io.dmio.shown;

import org.jspecify.annotations.NullMarked;
