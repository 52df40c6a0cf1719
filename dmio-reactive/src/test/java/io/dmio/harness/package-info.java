/** What tests of this library alone share: guards over all tests, drawn memory, schedules. What others may use is the testkit. */
@NullMarked
package io.dmio.harness;

import org.jspecify.annotations.NullMarked;
