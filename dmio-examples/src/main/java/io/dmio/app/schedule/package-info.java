/** What a server does at times of the day and the week by itself. */
@NullMarked
package io.dmio.app.schedule;

import org.jspecify.annotations.NullMarked;
