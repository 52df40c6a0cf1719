/** What the guides in docs/ show, run: a listing of a guide is a part of one of these tests. */
@NullMarked
package io.dmio.guides;

import org.jspecify.annotations.NullMarked;
