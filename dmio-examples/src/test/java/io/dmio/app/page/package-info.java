@NullMarked
package io.dmio.app.page;

import org.jspecify.annotations.NullMarked;
