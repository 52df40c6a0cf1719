/** What tests share: the contract every device must meet, and fixtures. */
@NullMarked
package io.dmio.testkit;

import org.jspecify.annotations.NullMarked;
