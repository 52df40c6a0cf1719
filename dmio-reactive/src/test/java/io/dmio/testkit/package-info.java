/** What tests share: seeds, patterns, the leak guard and the contract of all devices. */
@NullMarked
package io.dmio.testkit;

import org.jspecify.annotations.NullMarked;
